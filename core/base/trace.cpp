#include "core/base/trace.h"

#include <fmt/format.h>

#include <type_traits>

#include "core/base/text.h"

namespace session::trace {
namespace {

template <class T>
concept Integer = std::is_integral_v<T>;

struct Canonical {
  Bytes& to;
  void operator()(Integer auto value) const { append(to, little(static_cast<std::uint64_t>(value))); }
  void operator()(BytesView bytes) const {
    (*this)(bytes.size());
    append(to, bytes);
  }
  void operator()(const std::string& text) const { (*this)(bytes_of(text)); }
  void operator()(const NodeId& id) const { append(to, id.key); }
  void operator()(const Account& account) const { append(to, account.bytes); }
  void operator()(const SessionId& id) const { append(to, id.account.bytes); }
  void operator()(SwarmId id) const { (*this)(id.value); }
  void operator()(const MessageHash& hash) const { (*this)(hash.text); }
  void operator()(CallId id) const { (*this)(id.value); }
  void operator()(Instant at) const { (*this)(at.micros); }
  void operator()(MachineIndex who) const { (*this)(who.value); }
};

struct Text {
  std::string& to;
  void operator()(bool value) const { to += value ? " yes" : " no"; }
  void operator()(Integer auto value) const { to += fmt::format(" {}", value); }
  void operator()(const std::string& text) const { to += fmt::format(" '{}'", printable(text)); }
  void operator()(const NodeId& id) const { to += ' ' + id.hex().substr(0, 8); }
  void operator()(const Account& account) const { to += ' ' + account.hex().substr(0, 10); }
  void operator()(const SessionId& id) const { (*this)(id.account); }
  void operator()(SwarmId id) const { to += id.is_assigned() ? fmt::format(" {:016x}", id.value) : " none"; }
  void operator()(const MessageHash& hash) const { to += ' ' + hash.text.substr(0, 8); }
  void operator()(CallId id) const { to += fmt::format(" #{}", id.value); }
  void operator()(Instant at) const { to += fmt::format(" {}ms", at.unix_millis()); }
  void operator()(MachineIndex who) const { to += fmt::format(" @{}", who.value); }
};

template <class Visitor>
void visit_fields(const Fact& fact, Visitor visitor) {
  std::visit([&](const auto& f) { std::apply([&](const auto&... field) { (visitor(field), ...); }, f.fields()); }, fact);
}

}  // namespace

const char* name_of(const Fact& fact) {
  return std::visit([](const auto& f) { return std::decay_t<decltype(f)>::kName; }, fact);
}

void append_canonical(Bytes& to, const Record& record) {
  const Canonical write{to};
  write(record.at);
  write(record.who);
  write(record.fact.index());
  visit_fields(record.fact, write);
}

std::string to_text(const Fact& fact) {
  std::string out = name_of(fact);
  visit_fields(fact, Text{out});
  return out;
}

}  // namespace session::trace
