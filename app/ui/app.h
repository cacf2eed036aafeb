// The program's window from inside: one frame, four regions. It posts commands to a backend and draws its newest snapshot; it
// knows no network.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/look/settings.h"
#include "app/map/scene.h"
#include "app/model/backend.h"
#include "app/ui/ui.h"

namespace session::app {

enum class Workspace { Chats, Network };

class App {
 public:
  /// `notice` is said once, at the start. The backend must outlive it.
  App(Backend& backend, Ui& ui, Settings settings, std::string notice);

  /// One frame of a window of this size, in pixels; `display_scale` is the display's own.
  void draw(float width, float height, float display_scale);

  /// What the map shows in this frame, and where; an empty part when it is not there.
  [[nodiscard]] const Scene& scene() const { return scene_; }
  [[nodiscard]] Rect map_part() const { return map_part_; }
  /// Something moves by itself: the next frame is owed.
  [[nodiscard]] bool is_moving() const { return is_moving_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const Theme& theme() const { return *theme_; }
  [[nodiscard]] bool has_notices() const { return !told_.empty(); }
  /// A throw-away account writes to the first person in the network, and the map follows. False until there is somebody.
  [[nodiscard]] bool begin_tour();
  /// That message is kept by its swarm.
  [[nodiscard]] bool tour_has_arrived() const;
  /// A throw-away account, and time stands still. False until it is so.
  [[nodiscard]] bool begin_idle();
  [[nodiscard]] bool wants_full_screen() const { return full_screen_; }
  [[nodiscard]] bool wants_to_end() const { return ends_; }
  /// What scripts can do beside clicking: `person-offline Alice`, `person-online Alice`, `node-down N`, `stall MS`,
  /// `look-around`, `theme NAME`, `scale X`, `restart SEED`, `speed X`, `swarm-down Alice`, `swarm-up Alice`. False for what it
  /// does not know.
  [[nodiscard]] bool do_for_script(const std::string& what);

 private:
  enum class FirstRun { Welcome, Name, Phrase, Restore };
  struct Entry {  ///< of the palette
    std::string name, detail;
    std::function<void()> act;
  };

  // app.cpp: the frame
  void load_theme();
  void shortcuts();
  void rail(Rect in);
  void header(Rect in);
  void status(Rect in);
  void splitter(const char* name, Rect in, double& width, double usual, bool grows_left);
  void palette(Rect window);
  void help(Rect window);
  void settings_page(Rect window);
  void notices(Rect window);
  [[nodiscard]] std::vector<Entry> entries();
  Rect card(Rect window, float width, float height, const char* title, bool& is_open);
  void post(Command command) { backend_.post(std::move(command)); }
  void follow(Follow wish);
  void open_chat(const SessionId& contact);
  [[nodiscard]] std::string name_of(const SessionId& person) const;
  [[nodiscard]] std::string name_of(Machine machine) const;

  // first_run.cpp
  void first_run(Rect in);

  // chats.cpp
  void chats(Rect in);
  void chat_list(Rect in);
  void conversation(Rect in, const Conversation& chat);
  void messages(Rect in, const Conversation& chat);
  void message(Rect in, float& y, const Message& message, const Conversation& chat, bool is_last_of_group);
  void ladder(Rect in, const Message& message);
  void composer(Rect in, const Conversation& chat);
  bool action(Rect in, float& x, float& y, const std::string& label, Weight weight, const char* icon);
  void request_card(Rect in, const Conversation& chat);
  void new_chat(Rect window);

  // network.cpp
  void network(Rect in);
  void map_controls(Rect in);
  void timeline(Rect in);
  void map_input(Rect in);
  void select(std::optional<Picked> what);
  [[nodiscard]] Point place_of_picked() const;

  // inspector.cpp
  void inspector(Rect in);
  void inspect_journey(Rect in, const Journey& journey);
  void inspect_node(Rect in, const NodeShown& node);
  void inspect_swarm(Rect in, std::uint32_t swarm);
  void inspect_person(Rect in, const PersonShown& person);
  void inspect_packet(Rect in);
  void inspect_network(Rect in);
  float fact_list(Rect in, float y);
  float row(Rect in, float y, std::string_view what, std::string_view value, bool is_mono = true);

  Backend& backend_;
  Ui& ui_;
  Settings settings_;
  std::shared_ptr<const Snapshot> now_;
  Catalogue words_;
  Theme own_theme_;
  const Theme* theme_ = nullptr;
  std::string theme_name_, locale_name_;
  float width_ = 0, height_ = 0;
  Workspace workspace_ = Workspace::Chats;
  bool is_moving_ = false, full_screen_ = false, ends_ = false, asked_for_account_ = false;
  bool palette_open_ = false, help_open_ = false, settings_open_ = false, new_open_ = false, focus_ = false,
       was_covered_ = false;
  std::string palette_text_;
  std::size_t palette_at_ = 0;
  std::vector<Notice> told_;
  std::uint64_t last_notice_ = 0;
  double notice_since_ = 0;
  Follow follow_;

  FirstRun first_run_ = FirstRun::Welcome;
  std::string typed_name_, typed_phrase_, first_run_error_;
  std::string phrase_;
  std::optional<store::AccountSeed> seed_;
  bool phrase_written_ = false, phrase_asked_ = false;
  int era_ = 2;

  std::optional<SessionId> open_chat_;
  bool is_list_hidden_ = false;
  std::map<SessionId, std::string> drafts_;
  std::map<SessionId, std::size_t> lifetimes_;
  std::string new_id_, new_text_, new_error_;
  std::uint64_t last_message_seen_ = 0;
  float messages_height_ = 0;
  std::optional<SessionId> laid_out_;

  std::shared_ptr<const Network> laid_network_;
  Layout layout_;
  Camera camera_;
  bool camera_is_own_ = false;
  Scene scene_;
  Rect map_part_;
  std::optional<Picked> selected_, hovered_;
  std::optional<Flight> selected_flight_;
  bool focus_map_ = false;
  bool lens_message_ = true, registry_traffic_ = false;
};

}  // namespace session::app
