#include "app/ui/robot.h"

#include <fmt/format.h>
#include <imgui.h>

#include <map>
#include <utility>

#include "app/drive/hooks.h"

namespace session::app {
namespace {

ImGuiKey key_of(const std::string& name) {
  static const std::map<std::string, ImGuiKey> keys = {{"Enter", ImGuiKey_Enter},
                                                       {"Escape", ImGuiKey_Escape},
                                                       {"Tab", ImGuiKey_Tab},
                                                       {"Space", ImGuiKey_Space},
                                                       {"Backspace", ImGuiKey_Backspace},
                                                       {"Delete", ImGuiKey_Delete},
                                                       {"Up", ImGuiKey_UpArrow},
                                                       {"Down", ImGuiKey_DownArrow},
                                                       {"Left", ImGuiKey_LeftArrow},
                                                       {"Right", ImGuiKey_RightArrow},
                                                       {"Home", ImGuiKey_Home},
                                                       {"End", ImGuiKey_End},
                                                       {"PageUp", ImGuiKey_PageUp},
                                                       {"PageDown", ImGuiKey_PageDown},
                                                       {"Plus", ImGuiKey_Equal},
                                                       {"Minus", ImGuiKey_Minus},
                                                       {"Comma", ImGuiKey_Comma},
                                                       {"F1", ImGuiKey_F1},
                                                       {"F2", ImGuiKey_F2},
                                                       {"F3", ImGuiKey_F3},
                                                       {"F5", ImGuiKey_F5},
                                                       {"F11", ImGuiKey_F11}};
  if (const auto found = keys.find(name); found != keys.end()) return found->second;
  if (name[0] >= '0' && name[0] <= '9') return static_cast<ImGuiKey>(ImGuiKey_0 + (name[0] - '0'));
  return static_cast<ImGuiKey>(ImGuiKey_A + (name[0] - 'A'));
}

}  // namespace

void Robot::next() {
  ++at_;
  phase_ = 0;
  calm_ = 3;  // pop-ups measure themselves first
  since_ = Wall::now();
}

void Robot::fail_step(const std::string& why) {
  failure_ = fmt::format("{}:{}: {}\n{}", file_, steps_[at_].line, why, Screen::get().describe());
}

void Robot::before_frame() {
  if (calm_ > 0) {
    --calm_;
    return;
  }
  if (at_ >= steps_.size() || !failure_.empty()) return;
  const ScriptStep& step = steps_[at_];
  ImGuiIO& io = ImGui::GetIO();
  const Screen& screen = Screen::get();
  const bool is_late = Wall::now() - since_ > std::chrono::milliseconds(step.limit.count);
  switch (step.kind) {
    case ScriptStep::Kind::Click: {
      if (phase_ == 0) {
        const auto item = screen.find(step.text);
        if (!item) {
          if (is_late) fail_step(fmt::format("click: nothing on the screen is called \"{}\"", step.text));
          return;
        }
        io.AddMousePosEvent(item->x + item->width / 2, item->y + item->height / 2);
        ++phase_;
        calm_ = 1;
        return;
      }
      if (phase_ > 2 * step.times) return next();
      io.AddMouseButtonEvent(0, phase_ % 2 == 1);
      ++phase_;
      return;
    }
    case ScriptStep::Kind::Type: io.AddInputCharactersUTF8(step.text.c_str()); return next();
    case ScriptStep::Kind::Key: {
      const Chord chord = parse_chord(step.text).value();
      const bool down = phase_ == 0;
      if ((chord.modifiers & 1) != 0) io.AddKeyEvent(ImGuiMod_Ctrl, down);
      if ((chord.modifiers & 2) != 0) io.AddKeyEvent(ImGuiMod_Shift, down);
      if ((chord.modifiers & 4) != 0) io.AddKeyEvent(ImGuiMod_Alt, down);
      io.AddKeyEvent(key_of(chord.key), down);
      if (down && chord.key == "Space" && chord.modifiers == 0) io.AddInputCharacter(' ');
      if (!down) return next();
      ++phase_;
      return;
    }
    case ScriptStep::Kind::Wait:
      if (screen.shows(step.text)) return next();
      if (is_late) fail_step(fmt::format("wait: \"{}\" did not come within {} s", step.text, step.limit.count / 1000));
      return;
    case ScriptStep::Kind::Expect:
      if (screen.shows(step.text)) return next();
      return fail_step(fmt::format("expect: \"{}\" is not on the screen", step.text));
    case ScriptStep::Kind::Absent:
      if (!screen.shows(step.text)) return next();
      return fail_step(fmt::format("absent: \"{}\" is on the screen", step.text));
    case ScriptStep::Kind::Screenshot: screenshot_ = step.text; return next();
    case ScriptStep::Kind::Size: size_ = step.text; return next();
    case ScriptStep::Kind::Do:
      if (!act_(step.text)) return fail_step(fmt::format("do: \"{}\" is nothing that can be done here", step.text));
      return next();
  }
}

}  // namespace session::app
