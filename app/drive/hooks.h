// What is on the screen, as a list: each control with its label and place, each text that was drawn, and named values. Scripts
// read it; it is also what a screen reader would be told.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace session::app {

struct ScreenItem {
  std::string label;  ///< what stands on it, or its id
  float x = 0, y = 0, width = 0, height = 0;
  bool is_disabled = false;
};

class Screen {
 public:
  /// One for the program: Dear ImGui's hooks have no other way to find it. Nothing but the drawing thread uses it.
  static Screen& get();
  void begin_frame();
  /// When off, nothing is recorded and nothing is spent.
  void listen(bool on) { is_listening_ = on; }
  [[nodiscard]] bool is_listening() const { return is_listening_; }
  void add(ScreenItem item);
  void say(std::string_view text);
  void set(std::string_view name, std::string value);
  /// The last drawn control of this label, so that what lies above is found first.
  [[nodiscard]] std::optional<ScreenItem> find(std::string_view label) const;
  /// `name=value`, or a text that is on the screen.
  [[nodiscard]] bool shows(std::string_view text) const;
  /// All of it, for the message of a script that did not find something.
  [[nodiscard]] std::string describe() const;

 private:
  bool is_listening_ = false;
  std::vector<ScreenItem> items_;
  std::vector<std::string> texts_;
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace session::app
