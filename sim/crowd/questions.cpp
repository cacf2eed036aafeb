// How people hear of what is written to them: two members of their swarm listen for them, each asked over another path, and now
// and then two are asked what they keep. Source: core/client/listen.cpp, inbox.cpp; core/node/listen.cpp.
#include <algorithm>
#include <bit>

#include "sim/crowd/crowd.h"

namespace session::sim {
namespace {

constexpr Millis kWait = seconds(20);       // rpc.h: that a listener waits at most
constexpr Millis kListenDue = seconds(28);  // the client's patience with a listener ...
constexpr Millis kFetchDue = seconds(20);   // ... and with any other request
/// Within this time of a node's coming back, or of a message's storing, anti-entropy has brought it what its peers keep.
constexpr std::int64_t kRepaired = minutes(2).count * 1000;

/// Numbers of a mailbox go around: whether a is later than b.
bool is_later(std::uint16_t a, std::uint16_t b) { return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b)) > 0; }

}  // namespace

void Crowd::keep_listening(std::uint32_t p) {
  for (std::size_t slot = 0; slot < kListeners; ++slot) ask(p, slot, false);
}

void Crowd::begin_fetch(std::uint32_t p) {
  for (std::size_t slot = 0; slot < kListeners; ++slot) people_[p].fetches[slot].node = kNone;
  for (std::size_t slot = 0; slot < kListeners; ++slot) ask(p, slot, true);
}

void Crowd::ask(std::uint32_t p, std::size_t slot, bool is_fetch) {
  Person& person = people_[p];
  auto& questions = is_fetch ? person.fetches : person.listens;
  Question& question = questions[slot];
  if (question.node == kNone) question.node = some_member(person, person.swarm, questions[1 - slot].node);
  question.path = static_cast<std::uint8_t>(is_fetch ? person.dice.below(2) : slot);
  question.state = Question::Asked;
  ++question.life;
  ++(is_fetch ? sums_.fetches : sums_.listens);
  const Step step{0, slot, question.path, nodes_[question.node].member};
  Event event{
      .who = p, .life = question.life, .kind = is_fetch ? Event::Kind::FetchDue : Event::Kind::ListenDue, .step = step.bits()};
  push(now_ + (is_fetch ? kFetchDue : kListenDue), event);
  event.kind = is_fetch ? Event::Kind::FetchThere : Event::Kind::ListenThere;
  const std::uint32_t guard = hop(person, question.path, question.node, 0);
  send(after_thinking(asking_us(person.machine)), machine_of_person(p), machine_of_node(guard),
       (is_fetch ? sizes_.fetch() : sizes_.listen())[0], false, person.dice, event);
}

void Crowd::on_question(const Event& event) {
  switch (event.kind) {
    case Event::Kind::ListenThere:
    case Event::Kind::FetchThere: return on_question_there(event);
    case Event::Kind::ListenBack:
    case Event::Kind::ListenHanded:
    case Event::Kind::FetchBack: return on_answer_back(event);
    case Event::Kind::ListenWaited: {
      const Step step = Step::of(event.step);
      Question& question = people_[event.who].listens[step.slot];
      if (question.life != event.life || question.state != Question::Waits) return;
      question.state = Question::Asked;
      if (!nodes_[question.node].is_down) answer_question(event.who, step, event.life, false, now_);
      return;
    }
    default: return on_question_due(event);
  }
}

void Crowd::on_question_there(const Event& event) {
  Person& person = people_[event.who];
  Step step = Step::of(event.step);
  const bool is_fetch = event.kind == Event::Kind::FetchThere;
  const std::uint32_t destination = members_[first_[person.swarm] + step.member];
  const std::uint32_t here = hop(person, step.path, destination, step.hop);
  Instant done;
  if (!arrive(here, step.hop < 3 ? config_.costs.hop_us : config_.costs.read_us, done)) return;
  if (step.hop < 3) {
    ++step.hop;
    Event next = event;
    next.step = step.bits();
    send(done, machine_of_node(here), machine_of_node(hop(person, step.path, destination, step.hop)),
         (is_fetch ? sizes_.fetch() : sizes_.listen())[step.hop], false, nodes_[here].dice, next);
    return;
  }
  Question& question = (is_fetch ? person.fetches : person.listens)[step.slot];
  if (question.life != event.life) return;  // asked anew meanwhile
  if (is_fetch || has_news(person, destination)) return answer_question(event.who, step, event.life, is_fetch, done);
  question.state = Question::Waits;
  Event waited = event;
  waited.kind = Event::Kind::ListenWaited;
  push(done + kWait, waited);
}

/// What this node keeps and has not handed out yet. Whoever is asked twice gets it once, unless the answer is lost.
void Crowd::answer_question(std::uint32_t p, const Step& at, std::uint16_t life, bool is_fetch, Instant when) {
  Person& person = people_[p];
  const std::uint32_t node = members_[first_[person.swarm] + at.member];
  std::uint16_t& told = person.told[at.member];
  const std::uint16_t before = told;
  std::uint32_t count = 0;
  std::uint64_t data = 0;
  const std::uint32_t bit = std::uint32_t{1} << at.member;
  if (told != person.arrived) {
    for (std::uint32_t m = person.newest; m != kNone && is_later(messages_[m].place, before); m = messages_[m].older) {
      Message& message = messages_[m];
      if ((message.told & bit) != 0 || !keeps(message, node)) continue;
      message.told |= bit;
      ++count;
      data += message.data;
    }
    told = person.arrived;
  }
  const std::uint32_t size = is_fetch ? sizes_.fetched(count, data) : sizes_.heard(count, data);
  Step step = at;
  step.hop = 2;
  const Event back{.who = p,
                   .what = size,
                   .more = static_cast<std::uint32_t>(before) << 16 | told,
                   .life = life,
                   .kind = is_fetch ? Event::Kind::FetchBack : Event::Kind::ListenBack,
                   .step = step.bits()};
  if (!send(when, machine_of_node(node), machine_of_node(hop(person, at.path, node, 2)), size, true, nodes_[node].dice, back))
    lose(back);
}

/// What a peer keeps reaches this node too, in time.
bool Crowd::keeps(Message& message, std::uint32_t n) {
  Node& node = nodes_[n];
  const std::uint32_t bit = std::uint32_t{1} << node.member;
  if ((message.kept & bit) != 0) return true;
  if (message.kept == 0 || now_.micros < node.up_since + kRepaired || now_.micros < message.asked_at + kRepaired) return false;
  message.kept |= bit;
  ++node.kept;
  node.kept_bytes += message.data;
  return true;
}

bool Crowd::has_news(const Person& person, std::uint32_t node) {
  const std::uint8_t member = nodes_[node].member;
  const std::uint16_t told = person.told[member];
  if (told == person.arrived) return false;
  for (std::uint32_t m = person.newest; m != kNone && is_later(messages_[m].place, told); m = messages_[m].older)
    if ((messages_[m].told & std::uint32_t{1} << member) == 0 && keeps(messages_[m], node)) return true;
  return false;
}

/// Something came for this person: who listens at the node is answered. With `handed` it is that message, which is not kept.
bool Crowd::wake(std::uint32_t p, std::uint32_t node, Instant when, std::uint32_t handed) {
  Person& person = people_[p];
  for (std::size_t slot = 0; slot < kListeners; ++slot) {
    Question& question = person.listens[slot];
    if (question.state != Question::Waits || question.node != node) continue;
    question.state = Question::Asked;
    const Step step{2, slot, question.path, nodes_[node].member};
    if (handed == kNone) {
      answer_question(p, step, question.life, false, when);
      return true;
    }
    ++messages_[handed].holds;
    const Event back{.who = p, .what = handed, .life = question.life, .kind = Event::Kind::ListenHanded, .step = step.bits()};
    if (!send(when, machine_of_node(node), machine_of_node(hop(person, question.path, node, 2)),
              sizes_.handed(messages_[handed].data), true, nodes_[node].dice, back))
      lose(back);
    return true;
  }
  return false;
}

void Crowd::on_answer_back(const Event& event) {
  Person& person = people_[event.who];
  Step step = Step::of(event.step);
  const std::uint32_t destination = members_[first_[person.swarm] + step.member];
  const std::uint32_t size = event.kind == Event::Kind::ListenHanded ? sizes_.handed(messages_[event.what].data) : event.what;
  if (step.hop != Step::kHome) {
    const std::uint32_t here = hop(person, step.path, destination, step.hop);
    Instant done;
    if (!arrive(here, 0, done)) return lose(event);
    const bool is_last = step.hop == 0;
    const std::uint32_t sealed = WireSizes::passed_back(size, step.hop);
    step.hop = is_last ? Step::kHome : step.hop - 1;
    Event next = event;
    next.step = step.bits();
    const std::uint32_t to =
        is_last ? machine_of_person(event.who) : machine_of_node(hop(person, step.path, destination, step.hop));
    if (!send(done, machine_of_node(here), to, sealed, true, nodes_[here].dice, next)) lose(event);
    return;
  }
  const bool is_fetch = event.kind == Event::Kind::FetchBack;
  Question& question = (is_fetch ? person.fetches : person.listens)[step.slot];
  if (person.online == 0 || question.life != event.life) return lose(event);
  question.state = Question::Off;
  person.strikes[step.path] = 0;
  if (event.kind == Event::Kind::ListenHanded) {
    --messages_[event.what].holds;
    show(event.what, true);
    release_if_done(event.what);
  } else {
    show_range(event.who, event.more, step.member);
  }
  if (!is_fetch) return ask(event.who, step.slot, false);
  // The first answer after coming online: now that the mailbox was looked into, one may wait.
  if (person.listens[0].state == Question::Off && person.listens[1].state == Question::Off) keep_listening(event.who);
}

void Crowd::show_range(std::uint32_t p, std::uint32_t range, std::size_t member) {
  const auto before = static_cast<std::uint16_t>(range >> 16), upto = static_cast<std::uint16_t>(range);
  if (before == upto) return;
  // Oldest first, as they stand in the answer.
  std::uint32_t m = people_[p].newest;
  while (m != kNone && messages_[m].older != kNone && is_later(messages_[messages_[m].older].place, before))
    m = messages_[m].older;
  while (m != kNone) {
    const Message& message = messages_[m];
    const std::uint32_t next = message.newer;
    if (is_later(message.place, before) && !is_later(message.place, upto) && (message.told >> member & 1) != 0) show(m, false);
    m = next;
  }
}

void Crowd::show(std::uint32_t m, bool was_handed) {
  Message& message = messages_[m];
  if (message.is_shown) {
    if (was_handed || !message.may_come_again) return;
    message.may_come_again = false;
    return owe_receipt(m, true);
  }
  message.is_shown = true;
  if (!message.is_receipt) {
    ++sums_.shown;
    message.may_come_again = was_handed;
    if (was_handed) ++sums_.at_once;
    (was_handed ? shown_at_once_ : shown_late_).add(static_cast<std::uint64_t>(now_.micros - message.asked_at));
    note(CrowdFact::Kind::Shown, machine_of_person(message.to), machine_of_person(message.from), message.data, message.number);
    return owe_receipt(m, !was_handed);
  }
  if (message.answers == kNone) return;
  Message& answered = messages_[message.answers];
  if (answered.number != message.answers_number || answered.state == Message::Free || answered.is_confirmed) return;
  answered.is_confirmed = true;
  ++sums_.confirmed;
  note(CrowdFact::Kind::Confirmed, machine_of_person(answered.from), machine_of_person(answered.to), 0, answered.number);
  if (answered.state != Message::Handed) return;
  answered.state = Message::Done;
  ++answered.life;
  release_if_done(message.answers);
}

/// The answer went to nobody: what it held is told again.
void Crowd::lose(const Event& event) {
  if (event.kind == Event::Kind::ListenHanded) {
    --messages_[event.what].holds;
    return release_if_done(event.what);
  }
  const auto before = static_cast<std::uint16_t>(event.more >> 16), upto = static_cast<std::uint16_t>(event.more);
  if (before == upto) return;
  Person& person = people_[event.who];
  const std::size_t member = Step::of(event.step).member;
  const std::uint32_t bit = std::uint32_t{1} << member;
  for (std::uint32_t m = person.newest; m != kNone && is_later(messages_[m].place, before); m = messages_[m].older)
    if (!messages_[m].is_shown || messages_[m].may_come_again) messages_[m].told &= ~bit;
  if (is_later(person.told[member], before)) person.told[member] = before;
}

void Crowd::on_question_due(const Event& event) {
  Person& person = people_[event.who];
  const Step step = Step::of(event.step);
  const bool is_fetch = event.kind == Event::Kind::FetchDue;
  Question& question = (is_fetch ? person.fetches : person.listens)[step.slot];
  if (person.online == 0 || question.life != event.life || question.state == Question::Off) return;
  question.state = Question::Off;
  ++sums_.retries;
  strike(person, step.path);
  question.node = kNone;
  // A round of fetching that one member answered is done; a listener has a successor.
  if (!is_fetch || person.listens[0].state == Question::Off) ask(event.who, step.slot, is_fetch);
}

}  // namespace session::sim
