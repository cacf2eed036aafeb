// How Dear ImGui is compiled here: characters of 32 bits, FreeType, and the item hooks by which scripts find what is on the
// screen. app/drive/hooks.cpp defines the four functions they call: ImGuiTestEngineHook_ItemAdd, _ItemInfo and _Log, and
// ImGuiTestEngine_FindItemDebugLabel.
#pragma once

#define IMGUI_USE_WCHAR32
#define IMGUI_ENABLE_FREETYPE
#define IMGUI_DISABLE_OBSOLETE_FUNCTIONS
#define IMGUI_DISABLE_DEMO_WINDOWS
#define IMGUI_DISABLE_DEBUG_TOOLS
#define IMGUI_DISABLE_DEFAULT_SHELL_FUNCTIONS
#define IMGUI_ENABLE_TEST_ENGINE
