// Plays a script: gives the program the events that a person would, and looks at what is on the screen.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "app/drive/script.h"

namespace session::app {

class Robot {
 public:
  using Do = std::function<bool(const std::string&)>;
  Robot(std::vector<ScriptStep> steps, std::string file, Do act)
      : steps_(std::move(steps)), file_(std::move(file)), act_(std::move(act)) {}

  /// Before a frame: what a person does now.
  void before_frame();
  /// A picture that is to be taken of the frame that was just drawn; empty for none.
  [[nodiscard]] std::string take_screenshot() { return std::exchange(screenshot_, {}); }
  /// A size that the window is to have; empty for none.
  [[nodiscard]] std::string take_size() { return std::exchange(size_, {}); }
  [[nodiscard]] bool is_done() const { return at_ >= steps_.size() && calm_ == 0; }
  /// What failed, with its line; empty while all is well.
  [[nodiscard]] const std::string& failure() const { return failure_; }

 private:
  using Wall = std::chrono::steady_clock;
  void next();
  void fail_step(const std::string& why);

  std::vector<ScriptStep> steps_;
  std::string file_;
  Do act_;
  std::size_t at_ = 0;
  int phase_ = 0, calm_ = 3;
  Wall::time_point since_ = Wall::now();
  std::string screenshot_, size_, failure_;
};

}  // namespace session::app
