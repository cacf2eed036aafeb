// The first minute: an account in two steps, one that is restored, or a look around without either.
#include <fmt/format.h>

#include <algorithm>

#include "app/look/words.h"
#include "app/ui/app.h"
#include "core/crypto/keys.h"
#include "core/crypto/phrase.h"

namespace session::app {
namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = text.find_first_not_of(' '); at < text.size(); at = text.find_first_not_of(' ', at)) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

void wipe_text(std::string& text) {
  crypto::wipe(std::as_writable_bytes(std::span(text)));
  text.clear();
}

}  // namespace

void App::first_run(Rect in) {
  ui_.fill(in, theme_->ground);
  const bool is_small = in.h < ui_.px(560);
  // As high as what the step holds, so that no card is half empty.
  const float wanted = first_run_ == FirstRun::Welcome ? (now_->clock.is_simulated ? 404.0F : 312.0F)
                       : first_run_ == FirstRun::Name  ? 304.0F
                                                       : 448.0F;
  const float wide = std::min(ui_.px(520), in.w - ui_.px(32)),
              high = std::min(ui_.px(wanted), in.h - ui_.px(is_small ? 8 : 32));
  const Rect box{(in.w - wide) / 2, (in.h - high) / 2, wide, high};
  ui_.shadow(box, 14);
  ui_.fill(box, theme_->panel, 14);
  ui_.frame(box, theme_->line, 14);
  const Rect inner = box.inset(ui_.px(is_small ? 20 : 32));
  float y = inner.y;
  const auto title = [&](const char* words) { y += ui_.text(inner.x, y, words, 26, theme_->text, Font::Strong).y + ui_.px(8); };
  const auto say = [&](std::string_view words, Colour colour) {
    y += ui_.text(inner.x, y, words, 14, colour, Font::Text, inner.w).y + ui_.px(14);
  };
  const auto back = [&](FirstRun to) {
    if (ui_.button({inner.x, inner.bottom() - ui_.px(40), ui_.px(96), ui_.px(40)}, ui_("back"), Weight::Quiet)) {
      first_run_ = to;
      first_run_error_.clear();
    }
  };
  const auto go = [&](const char* label, bool enabled) {
    const float size = std::max(ui_.px(150), ui_.measure(label, 14, Font::Strong).x + ui_.px(36));
    return ui_.button({inner.right() - size, inner.bottom() - ui_.px(40), size, ui_.px(40)}, label, Weight::Primary, nullptr,
                      enabled);
  };

  switch (first_run_) {
    case FirstRun::Welcome: {
      title("Session");
      say(ui_("first.about"), theme_->muted);
      const float button = ui_.px(is_small ? 40 : 46), gap = ui_.px(is_small ? 8 : 12);
      y = std::max(y, inner.bottom() - 3 * button - 2 * gap - ui_.px(is_small ? 0 : 44));
      const auto choice = [&](const char* label, Weight weight) {
        const bool used = ui_.button({inner.x, y, inner.w, button}, label, weight);
        y += button + gap;
        return used;
      };
      if (choice(ui_("first.create"), Weight::Primary)) {
        first_run_ = FirstRun::Name;
        focus_ = true;
      }
      if (choice(ui_("first.restore"), Weight::Plain)) {
        first_run_ = FirstRun::Restore;
        focus_ = true;
      }
      if (now_->clock.is_simulated && choice(ui_("first.look"), Weight::Plain)) {
        post(LookAround{});
        post(Play{true});
        workspace_ = Workspace::Network;
      }
      if (!is_small && now_->clock.is_simulated)
        ui_.text(inner.x, y + ui_.px(2), ui_("first.simulated"), 12, theme_->muted, Font::Text, inner.w);
      return;
    }
    case FirstRun::Name: {
      title(ui_("first.name_title"));
      say(ui_("first.name_about"), theme_->muted);
      const bool entered = ui_.field({inner.x, y, inner.w, ui_.px(44)}, "name", typed_name_, ui_("first.name_hint"), focus_);
      focus_ = false;
      y += ui_.px(58);
      const bool is_long = typed_name_.size() > 100;
      if (is_long) say(words_.say("first.name_long", typed_name_.size()), theme_->danger);
      back(FirstRun::Welcome);
      const bool is_good = !typed_name_.empty() && !is_long && typed_name_.find_first_not_of(' ') != std::string::npos;
      if (go(ui_("next"), is_good) || (entered && is_good)) {
        crypto::SystemRng rng;
        seed_.emplace();
        rng.fill(seed_->writable());
        const crypto::SecretBytes phrase = crypto::phrase_of(seed_->bytes());
        phrase_.assign(reinterpret_cast<const char*>(phrase.bytes().data()), phrase.bytes().size());
        phrase_written_ = phrase_asked_ = false;
        first_run_ = FirstRun::Phrase;
      }
      return;
    }
    case FirstRun::Phrase: {
      title(ui_("first.phrase_title"));
      say(ui_("first.phrase_about"), theme_->muted);
      const float high_words = ui_.measure(phrase_, 16, Font::Mono, inner.w - ui_.px(32)).y + ui_.px(28);
      const Rect words{inner.x, y, inner.w, high_words};
      const auto other_way = [&](const char* label) {
        const float size = ui_.measure(label, 14).x + ui_.px(28);
        const bool used = ui_.button({inner.right() - size, y, size, ui_.px(32)}, label, Weight::Quiet);
        y += ui_.px(36);
        return used;
      };
      if (phrase_asked_) {
        ui_.field({inner.x, y, inner.w, ui_.px(44)}, "phrase again", typed_phrase_, ui_("first.phrase_type"), focus_, true);
        focus_ = false;
        y += ui_.px(52);
        const auto [written, shown] = std::pair(words_of(typed_phrase_), words_of(phrase_));
        const auto wrong = static_cast<std::size_t>(
            std::mismatch(written.begin(), written.end(), shown.begin(), shown.end()).first - written.begin());
        phrase_written_ = written == shown;
        if (phrase_written_)
          say(ui_("first.phrase_right"), theme_->accent);
        else if (wrong < written.size() && (wrong + 1 < written.size() || typed_phrase_.ends_with(' ')))
          say(words_.say("first.phrase_wrong", wrong + 1), theme_->danger);
        else
          say(words_.say("first.phrase_count", written.size()), theme_->muted);
        if (other_way(ui_("first.phrase_show"))) {
          phrase_asked_ = false;
          wipe_text(typed_phrase_);
        }
      }
      if (!phrase_asked_) {
        ui_.fill(words, theme_->ground, 8);
        ui_.frame(words, theme_->line, 8);
        ui_.list().AddText(ui_.font(Font::Mono), ui_.line_height(16, Font::Mono), {words.x + ui_.px(16), words.y + ui_.px(14)},
                           Ui::u32(theme_->text), phrase_.data(), phrase_.data() + phrase_.size(),
                           inner.w - ui_.px(32));  // not told to the screen's list
        y += high_words + ui_.px(12);
        if (other_way(ui_("first.phrase_ask"))) phrase_asked_ = focus_ = true;
        const Rect check{inner.x, y, inner.w, ui_.px(32)};
        if (ui_.area(check, std::string(ui_("first.phrase_check")))) phrase_written_ = !phrase_written_;
        const Rect mark{check.x, check.y + ui_.px(6), ui_.px(20), ui_.px(20)};
        ui_.frame(mark, phrase_written_ ? theme_->accent : theme_->muted, 4, 1.5F);
        if (phrase_written_) ui_.glyph(mark, icon::kCheck, 13, theme_->accent);
        ui_.line({check.x + ui_.px(30), check.y, check.w - ui_.px(30), check.h}, ui_("first.phrase_check"), 14, theme_->text);
      }
      back(FirstRun::Name);
      if (go(ui_("first.begin"), phrase_written_)) {
        post(MakeAccount{typed_name_, *seed_, crypto::Era::C});
        post(Play{true});
        wipe_text(phrase_);
        wipe_text(typed_phrase_);
        seed_.reset();
      }
      return;
    }
    case FirstRun::Restore: {
      title(ui_("first.restore_title"));
      say(ui_("first.restore_about"), theme_->muted);
      ui_.field({inner.x, y, inner.w, ui_.px(40)}, "name", typed_name_, ui_("first.name_hint"), focus_);
      focus_ = false;
      y += ui_.px(48);
      ui_.field({inner.x, y, inner.w, ui_.px(40)}, "phrase", typed_phrase_, ui_("first.phrase_hint"), false, true);
      y += ui_.px(48);
      if (!is_small) {
        constexpr std::array<const char*, 3> kEras = {"first.era_a", "first.era_b", "first.era_c"};
        const float each = inner.w / 3;
        ui_.fill({inner.x, y, inner.w, ui_.px(34)}, theme_->raised, 8);
        for (int i = 0; i < 3; ++i)
          if (ui_.choice(Rect{inner.x + static_cast<float>(i) * each, y, each, ui_.px(34)}.inset(ui_.px(3)),
                         ui_(kEras[static_cast<std::size_t>(i)]), era_ == i))
            era_ = i;
        y += ui_.px(44);
      }
      if (!first_run_error_.empty()) ui_.text(inner.x, y, first_run_error_, 13, theme_->danger, Font::Text, inner.w);
      back(FirstRun::Welcome);
      if (!go(ui_("first.restore_go"), !typed_name_.empty() && !typed_phrase_.empty())) return;
      const auto seed = crypto::seed_of_phrase(typed_phrase_);
      if (!seed) {
        first_run_error_ = fit_to_show(seed.error().message, 300);
        return;
      }
      if (seed->bytes().size() != 16) {
        first_run_error_ = ui_("first.phrase_13");
        return;
      }
      store::AccountSeed account;
      std::copy(seed->bytes().begin(), seed->bytes().end(), account.writable().begin());
      post(MakeAccount{typed_name_, account, static_cast<crypto::Era>(era_)});
      post(Play{true});
      wipe_text(typed_phrase_);
      return;
    }
  }
}

}  // namespace session::app
