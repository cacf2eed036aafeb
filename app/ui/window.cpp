#include "app/ui/window.h"

#include <GLFW/glfw3.h>
#include <epoxy/gl.h>
#include <fmt/format.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>
#include <imgui_internal.h>
#include <png.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "app/drive/hooks.h"
#include "app/ui/app.h"
#include "app/ui/map_renderer.h"
#include "app/ui/robot.h"

namespace session::app {
namespace {

using Wall = std::chrono::steady_clock;

int complain(const std::string& what) {
  std::cerr << "session: " << what << '\n';
  return 1;
}

double since(Wall::time_point begin) { return std::chrono::duration<double>(Wall::now() - begin).count(); }

Result<void> write_png(const std::string& file, int width, int height) {
  std::vector<unsigned char> pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  glPixelStorei(GL_PACK_ALIGNMENT, 1);
  glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE, pixels.data());
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGB;
  // OpenGL counts lines from below.
  if (png_image_write_to_file(&image, file.c_str(), 0, pixels.data(), -width * 3, nullptr) == 0)
    return fail(ErrorCode::Unavailable, fmt::format("{}: {}", file, image.message));
  return {};
}

long resident_kb() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmRSS:")) return std::strtol(line.c_str() + 6, nullptr, 10);
  return 0;
}

/// Frames are drawn while one is owed: a few after each event, since pop-ups measure themselves first; and for a moment after
/// the mouse moved, since help on what it points at comes with a delay.
class Pacer {
 public:
  void owe(int frames) { owed_ = std::max(owed_, frames); }
  void linger(double seconds) { until_ = std::max(until_, glfwGetTime() + seconds); }
  [[nodiscard]] bool is_owed() const { return owed_ > 0 || glfwGetTime() < until_; }
  void drawn() { owed_ = std::max(0, owed_ - 1); }

 private:
  int owed_ = 3;
  double until_ = 0;
};

}  // namespace

void Wake::ring() {
  rang_ = true;
  if (is_open_) glfwPostEmptyEvent();
}

int run_window(const WindowOptions& options, Wake& wake, const std::function<std::unique_ptr<Backend>()>& make_backend) {
  const auto began = Wall::now();
  const bool is_driven = !options.script.empty() || !options.screenshot.empty();
  static std::string glfw_said;
  glfwSetErrorCallback([](int, const char* text) { glfw_said = text; });
  if (glfwInit() == 0)
    return complain(fmt::format("no window can be opened ({}). Without a display, start it under Xvfb: xvfb-run -a session ...",
                                glfw_said));
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  const int first_width = options.size ? options.size->first : options.settings.width;
  const int first_height = options.size ? options.size->second : options.settings.height;
  GLFWwindow* window = glfwCreateWindow(first_width, first_height, "Session", nullptr, nullptr);
  if (window == nullptr) {
    glfwTerminate();
    return complain(fmt::format("no window with OpenGL 3.3 can be opened: {}", glfw_said));
  }
  glfwSetWindowSizeLimits(window, 320, 240, GLFW_DONT_CARE, GLFW_DONT_CARE);
  glfwMakeContextCurrent(window);
  glfwSwapInterval(is_driven || options.measure_frames > 0 ? 0 : 1);

  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  io.ConfigInputTextCursorBlink = false;  // a caret that blinks is a frame every half second
  ImGui::GetCurrentContext()->TestEngineHookItems = is_driven;
  Screen::get().listen(is_driven);
  if (!is_driven) ImGui_ImplGlfw_InitForOpenGL(window, true);
  ImGui_ImplOpenGL3_Init("#version 330 core");
  int code = 0;
  {
    Ui ui;
    MapRenderer map;
    auto started = ui.load_fonts(options.fonts);
    if (started) started = map.start();
    if (!started) code = complain(started.error().message);
    wake.is_open_ = true;
    const std::unique_ptr<Backend> backend = code == 0 ? make_backend() : nullptr;
    if (backend == nullptr) code = 1;
    if (code == 0) {
      App app(*backend, ui, options.settings, options.notice);
      std::optional<Robot> robot;
      if (!options.script.empty()) {
        auto steps = parse_script(options.script, options.script_file);
        if (!steps)
          code = complain(steps.error().message);
        else
          robot.emplace(std::move(*steps), options.script_file,
                        [&app](const std::string& what) { return app.do_for_script(what); });
      }
      Pacer pacer;
      std::uint64_t drawn = 0;
      std::vector<double> times;
      double first_frame = 0, idle_since = 0;
      std::uint64_t idle_frames = 0;
      bool asked = false, was_full = false;
      std::array<int, 4> place{};
      auto last = Wall::now();
      while (code == 0 && glfwWindowShouldClose(window) == 0 && !app.wants_to_end()) {
        const bool must_draw = is_driven || options.measure_frames > 0 || pacer.is_owed() || app.is_moving() || wake.rang_;
        if (must_draw)
          glfwPollEvents();
        else if (app.has_notices())
          glfwWaitEventsTimeout(0.5);
        else if (options.measure_idle > 0)
          glfwWaitEventsTimeout(0.25);
        else
          glfwWaitEvents();
        if (wake.rang_.exchange(false)) pacer.owe(1);
        if (!ImGui::GetCurrentContext()->InputEventsQueue.empty()) {
          pacer.owe(3);
          pacer.linger(0.6);
        }
        if (app.has_notices()) pacer.owe(1);
        if (is_driven && robot) {
          if (const std::string wanted = robot->take_size(); !wanted.empty()) {
            int w = 0, h = 0;
            if (std::sscanf(wanted.c_str(), "%dx%d", &w, &h) == 2) glfwSetWindowSize(window, w, h);
          }
        }
        if (!is_driven && options.measure_frames == 0 && !pacer.is_owed() && !app.is_moving()) {
          if (options.measure_idle > 0 && idle_since > 0 && glfwGetTime() - idle_since > options.measure_idle) break;
          continue;
        }

        const auto frame_began = Wall::now();
        int width = 0, height = 0, pixels_wide = 0, pixels_high = 0;
        glfwGetWindowSize(window, &width, &height);
        glfwGetFramebufferSize(window, &pixels_wide, &pixels_high);
        float content = 1, unused = 1;
        glfwGetWindowContentScale(window, &content, &unused);
        ImGui_ImplOpenGL3_NewFrame();
        if (is_driven) {
          io.DisplaySize = {static_cast<float>(pixels_wide), static_cast<float>(pixels_high)};
          io.DeltaTime = std::clamp(static_cast<float>(since(last)), 0.001F, 0.1F);
          width = pixels_wide;
          height = pixels_high;
          content = 1;
        } else {
          ImGui_ImplGlfw_NewFrame();
        }
        last = Wall::now();
        if (robot) robot->before_frame();
        ImGui::NewFrame();
        app.draw(static_cast<float>(width), static_cast<float>(height), content);
        ImGui::Render();
        const Colour ground = app.theme().ground;
        glViewport(0, 0, pixels_wide, pixels_high);
        glClearColor(static_cast<float>(ground.r) / 255, static_cast<float>(ground.g) / 255, static_cast<float>(ground.b) / 255,
                     1);
        glClear(GL_COLOR_BUFFER_BIT);
        if (const Rect part = app.map_part(); part.w > 0)
          map.draw(app.scene(), {part.x, part.y}, {part.w, part.h}, height,
                   static_cast<float>(pixels_high) / static_cast<float>(std::max(height, 1)));
        ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
        if (robot) {
          if (const std::string file = robot->take_screenshot(); !file.empty())
            if (const auto done = write_png(file, pixels_wide, pixels_high); !done) code = complain(done.error().message);
          if (!robot->failure().empty()) code = complain(robot->failure());
          if (robot->is_done()) glfwSetWindowShouldClose(window, 1);
        } else if (!options.screenshot.empty()) {
          // A throw-away account writes to the first person; the picture is of the moment in which the swarm keeps it.
          if (!asked) {
            asked = app.begin_tour();
          } else if (app.tour_has_arrived()) {
            if (const auto done = write_png(options.screenshot, pixels_wide, pixels_high); !done)
              code = complain(done.error().message);
            break;
          } else if (since(began) > 120) {
            code = complain("--screenshot: no message was kept within two minutes");
          }
        }
        if (options.measure_frames > 0) glFinish();
        glfwSwapBuffers(window);
        pacer.drawn();
        ++drawn;
        if (first_frame == 0) first_frame = since(began);
        if (options.measure_frames > 0) {
          if (!asked) asked = app.begin_tour();
          if (asked) times.push_back(since(frame_began));
          if (times.size() >= static_cast<std::size_t>(options.measure_frames)) break;
        }
        if (options.measure_idle > 0) {
          if (!asked) asked = app.begin_idle();
          if (asked && idle_since == 0 && drawn > 10 && !wake.rang_) idle_since = glfwGetTime() + 1.5;
          if (idle_since > 0 && glfwGetTime() > idle_since) ++idle_frames;
          if (idle_since == 0) pacer.owe(2);
        }
        if (app.wants_full_screen() != was_full) {
          was_full = app.wants_full_screen();
          if (was_full) {
            glfwGetWindowPos(window, &place[0], &place[1]);
            glfwGetWindowSize(window, &place[2], &place[3]);
            const GLFWvidmode* mode = glfwGetVideoMode(glfwGetPrimaryMonitor());
            glfwSetWindowMonitor(window, glfwGetPrimaryMonitor(), 0, 0, mode->width, mode->height, mode->refreshRate);
          } else {
            glfwSetWindowMonitor(window, nullptr, place[0], place[1], place[2], place[3], 0);
          }
        }
      }
      if (options.measure_idle > 0)
        fmt::print("{{\"idle_seconds\": {}, \"frames\": {}, \"resident_kb\": {}}}\n", options.measure_idle, idle_frames,
                   resident_kb());
      if (!times.empty()) {
        std::sort(times.begin(), times.end());
        fmt::print(
            "{{\"first_frame_ms\": {:.0f}, \"frames\": {}, \"p50_ms\": {:.2f}, \"p99_ms\": {:.2f}, \"worst_ms\": {:.2f}, "
            "\"resident_kb\": {}}}\n",
            first_frame * 1000, times.size(), times[times.size() / 2] * 1000, times[times.size() * 99 / 100] * 1000,
            times.back() * 1000, resident_kb());
      }
      if (code == 0 && !is_driven && !options.settings_file.empty()) {
        Settings settings = app.settings();
        glfwGetWindowSize(window, &settings.width, &settings.height);
        if (const auto saved = save_settings(options.settings_file, settings); !saved) code = complain(saved.error().message);
      }
    }
    map.stop();
    wake.is_open_ = false;
  }
  ImGui_ImplOpenGL3_Shutdown();
  if (!is_driven) ImGui_ImplGlfw_Shutdown();
  ImGui::DestroyContext();
  glfwDestroyWindow(window);
  glfwTerminate();
  return code;
}

}  // namespace session::app
