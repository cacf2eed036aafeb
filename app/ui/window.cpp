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
#include <array>
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

/// The window while it stands: opened, drawn frame by frame, closed.
class Window {
 public:
  Window(const WindowOptions& options, Wake& wake) : options_(options), wake_(wake) {}
  ~Window() { close(); }

  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<void> run(Backend& backend);
  /// The figures that were asked for, a JSON object a line.
  void tell_figures();

 private:
  [[nodiscard]] bool is_driven() const { return !options_.script.empty() || !options_.screenshot.empty(); }
  [[nodiscard]] bool is_measured() const { return options_.measure_frames > 0; }
  void close();
  [[nodiscard]] Result<void> prepare_robot(App& app);
  /// Sleeps until something is to be drawn. False when nothing is, after all.
  [[nodiscard]] bool wait(const App& app);
  void draw(App& app);
  [[nodiscard]] Result<void> after_drawing(App& app);
  void measure(App& app, double seconds);
  void follow_full_screen(const App& app);

  const WindowOptions& options_;
  Wake& wake_;
  GLFWwindow* window_ = nullptr;
  Ui ui_;
  MapRenderer map_;
  std::optional<Robot> robot_;
  Pacer pacer_;
  Wall::time_point began_ = Wall::now(), last_ = Wall::now();
  int pixels_wide_ = 0, pixels_high_ = 0;
  bool is_done_ = false, is_prepared_ = false, is_full_ = false;
  std::array<int, 4> place_{};  ///< before it filled the screen
  double first_frame_ = 0, idle_since_ = 0;
  std::uint64_t drawn_ = 0, idle_frames_ = 0;
  std::vector<double> times_, stalled_times_;
};

std::string& glfw_said() {
  static std::string text;
  return text;
}

Result<void> Window::open() {
  glfwSetErrorCallback([](int, const char* text) { glfw_said() = text; });
  if (glfwInit() == 0)
    return fail(ErrorCode::Unavailable, fmt::format("no window can be opened ({}). Without a display, start it under Xvfb: "
                                                    "xvfb-run -a session ...",
                                                    glfw_said()));
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  const auto [width, height] = options_.size.value_or(std::pair(options_.settings.width, options_.settings.height));
  window_ = glfwCreateWindow(width, height, "Session", nullptr, nullptr);
  if (window_ == nullptr)
    return fail(ErrorCode::Unavailable, fmt::format("no window with OpenGL 3.3 can be opened: {}", glfw_said()));
  glfwSetWindowSizeLimits(window_, 320, 240, GLFW_DONT_CARE, GLFW_DONT_CARE);
  glfwMakeContextCurrent(window_);
  glfwSwapInterval(is_driven() || is_measured() ? 0 : 1);

  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard;
  io.ConfigInputTextCursorBlink = false;  // a caret that blinks is a frame every half second
  ImGui::GetCurrentContext()->TestEngineHookItems = is_driven();
  Screen::get().listen(is_driven());
  if (!is_driven()) ImGui_ImplGlfw_InitForOpenGL(window_, true);
  ImGui_ImplOpenGL3_Init("#version 330 core");
  wake_.serve(true);
  if (auto loaded = ui_.load_fonts(options_.fonts); !loaded) return loaded;
  return map_.start();
}

void Window::close() {
  wake_.serve(false);
  if (window_ != nullptr) {
    map_.stop();
    ImGui_ImplOpenGL3_Shutdown();
    if (!is_driven()) ImGui_ImplGlfw_Shutdown();
    ImGui::DestroyContext();
    glfwDestroyWindow(window_);
  }
  glfwTerminate();
}

Result<void> Window::prepare_robot(App& app) {
  if (options_.script.empty()) return {};
  auto steps = parse_script(options_.script, options_.script_file);
  if (!steps) return fail(steps);
  robot_.emplace(std::move(*steps), options_.script_file, [&app](const std::string& what) { return app.do_for_script(what); });
  return {};
}

Result<void> Window::run(Backend& backend) {
  App app(backend, ui_, options_.settings, options_.notice);
  if (auto prepared = prepare_robot(app); !prepared) return prepared;
  while (!is_done_ && glfwWindowShouldClose(window_) == 0 && !app.wants_to_end()) {
    if (!wait(app)) continue;
    const auto began = Wall::now();
    draw(app);
    if (auto done = after_drawing(app); !done) return done;
    if (is_measured()) glFinish();
    glfwSwapBuffers(window_);
    pacer_.drawn();
    ++drawn_;
    measure(app, since(began));
    follow_full_screen(app);
  }
  if (is_driven() || options_.settings_file.empty()) return {};
  Settings settings = app.settings();
  glfwGetWindowSize(window_, &settings.width, &settings.height);
  return save_settings(options_.settings_file, settings);
}

bool Window::wait(const App& app) {
  if (is_driven() || is_measured() || pacer_.is_owed() || app.is_moving() || wake_.rang())
    glfwPollEvents();
  else if (app.has_notices())
    glfwWaitEventsTimeout(0.5);  // they go by themselves
  else if (options_.measure_idle > 0)
    glfwWaitEventsTimeout(0.25);  // so that the measurement ends
  else
    glfwWaitEvents();
  if (wake_.take() || app.has_notices()) pacer_.owe(1);
  if (!ImGui::GetCurrentContext()->InputEventsQueue.empty()) {
    pacer_.owe(3);
    pacer_.linger(0.6);
  }
  if (is_driven() || is_measured() || pacer_.is_owed() || app.is_moving()) return true;
  if (idle_since_ > 0 && glfwGetTime() - idle_since_ > options_.measure_idle) is_done_ = true;
  return false;
}

void Window::draw(App& app) {
  if (robot_)
    if (int w = 0, h = 0; std::sscanf(robot_->take_size().c_str(), "%dx%d", &w, &h) == 2) glfwSetWindowSize(window_, w, h);
  int width = 0, height = 0;
  float display_scale = 1, unused = 1;
  glfwGetWindowSize(window_, &width, &height);
  glfwGetFramebufferSize(window_, &pixels_wide_, &pixels_high_);
  glfwGetWindowContentScale(window_, &display_scale, &unused);
  ImGui_ImplOpenGL3_NewFrame();
  if (is_driven()) {  // the same picture on every display
    ImGuiIO& io = ImGui::GetIO();
    width = pixels_wide_, height = pixels_high_, display_scale = 1;
    io.DisplaySize = {static_cast<float>(width), static_cast<float>(height)};
    io.DeltaTime = std::clamp(static_cast<float>(since(last_)), 0.001F, 0.1F);
  } else {
    ImGui_ImplGlfw_NewFrame();
  }
  last_ = Wall::now();
  if (robot_) robot_->before_frame();
  ImGui::NewFrame();
  app.draw(static_cast<float>(width), static_cast<float>(height), display_scale);
  ImGui::Render();
  const Colour ground = app.theme().ground;
  glViewport(0, 0, pixels_wide_, pixels_high_);
  glClearColor(static_cast<float>(ground.r) / 255, static_cast<float>(ground.g) / 255, static_cast<float>(ground.b) / 255, 1);
  glClear(GL_COLOR_BUFFER_BIT);
  if (const Rect part = app.map_part(); part.w > 0)
    map_.draw(app.scene(), {part.x, part.y}, {part.w, part.h}, height,
              static_cast<float>(pixels_high_) / static_cast<float>(std::max(height, 1)));
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

/// What scripts and --screenshot want of the picture that was just drawn.
Result<void> Window::after_drawing(App& app) {
  if (robot_) {
    if (const std::string file = robot_->take_screenshot(); !file.empty())
      if (auto done = write_png(file, pixels_wide_, pixels_high_); !done) return done;
    if (!robot_->failure().empty()) return fail(ErrorCode::Refused, robot_->failure());
    is_done_ = robot_->is_done();
  } else if (!options_.screenshot.empty()) {
    // A throw-away account writes to the first person; the picture is of the moment in which the swarm keeps it.
    if (!is_prepared_) is_prepared_ = app.begin_tour();
    if (is_prepared_ && app.tour_has_arrived()) {
      is_done_ = true;
      return write_png(options_.screenshot, pixels_wide_, pixels_high_);
    }
    if (since(began_) > 120) return fail(ErrorCode::Unavailable, "--screenshot: no message was kept within two minutes");
  }
  return {};
}

void Window::measure(App& app, double seconds) {
  if (first_frame_ == 0) first_frame_ = since(began_);
  if (is_measured()) {
    if (!is_prepared_) is_prepared_ = app.begin_tour();
    const auto wanted = static_cast<std::size_t>(options_.measure_frames);
    if (is_prepared_ && times_.size() < wanted) {
      times_.push_back(seconds);
      if (times_.size() == wanted) is_done_ = !app.do_for_script("stall 10000");
    } else if (is_prepared_) {  // the same again, while the backend hangs
      stalled_times_.push_back(seconds);
      is_done_ = stalled_times_.size() >= wanted;
    }
  }
  if (options_.measure_idle > 0) {
    if (!is_prepared_) is_prepared_ = app.begin_idle();
    if (idle_since_ > 0 && glfwGetTime() > idle_since_) ++idle_frames_;
    if (is_prepared_ && idle_since_ == 0 && drawn_ > 10 && !wake_.rang()) idle_since_ = glfwGetTime() + 1.5;
    if (idle_since_ == 0) pacer_.owe(2);
  }
}

void Window::tell_figures() {
  if (options_.measure_idle > 0)
    fmt::print("{{\"idle_seconds\": {}, \"frames\": {}, \"resident_kb\": {}}}\n", options_.measure_idle, idle_frames_,
               resident_kb());
  const auto tell = [this](std::vector<double>& times, const char* backend) {
    if (times.empty()) return;
    std::sort(times.begin(), times.end());
    const auto at = [&](std::size_t percent) { return times[(times.size() - 1) * percent / 100] * 1000; };
    fmt::print(
        "{{\"backend\": \"{}\", \"first_frame_ms\": {:.0f}, \"frames\": {}, \"p50_ms\": {:.2f}, \"p99_ms\": {:.2f}, "
        "\"worst_ms\": {:.2f}, \"resident_kb\": {}}}\n",
        backend, first_frame_ * 1000, times.size(), at(50), at(99), at(100), resident_kb());
  };
  tell(times_, "running");
  tell(stalled_times_, "stalled");
}

void Window::follow_full_screen(const App& app) {
  if (app.wants_full_screen() == is_full_) return;
  is_full_ = app.wants_full_screen();
  if (is_full_) {
    glfwGetWindowPos(window_, &place_[0], &place_[1]);
    glfwGetWindowSize(window_, &place_[2], &place_[3]);
    const GLFWvidmode* mode = glfwGetVideoMode(glfwGetPrimaryMonitor());
    glfwSetWindowMonitor(window_, glfwGetPrimaryMonitor(), 0, 0, mode->width, mode->height, mode->refreshRate);
  } else {
    glfwSetWindowMonitor(window_, nullptr, place_[0], place_[1], place_[2], place_[3], 0);
  }
}

}  // namespace

void Wake::ring() {
  rang_ = true;
  if (is_open_) glfwPostEmptyEvent();
}

int run_window(const WindowOptions& options, Wake& wake, const std::function<std::unique_ptr<Backend>()>& make_backend) {
  Window window(options, wake);
  auto done = window.open();
  if (done) {
    const std::unique_ptr<Backend> backend = make_backend();
    done = window.run(*backend);
  }
  if (!done) return complain(done.error().message);
  window.tell_figures();
  return 0;
}

}  // namespace session::app
