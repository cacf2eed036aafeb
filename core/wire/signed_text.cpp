#include "core/wire/signed_text.h"

namespace session::wire {
namespace {

std::string decimal_unless_zero(Namespace ns) { return ns == 0 ? std::string{} : std::to_string(ns); }
std::string decimal(const NamespaceChoice& ns) { return ns ? decimal_unless_zero(*ns) : "all"; }

/// The parts of a text, one after another.
class Text {
 public:
  explicit Text(std::string begin) : text_(std::move(begin)) {}
  Text& operator<<(std::string_view part) {
    text_ += part;
    return *this;
  }
  Text& operator<<(std::int64_t number) { return *this << std::string_view(std::to_string(number)); }
  Text& operator<<(const std::vector<MessageHash>& hashes) {
    for (const MessageHash& each : hashes) text_ += each.text;
    return *this;
  }
  Text& operator<<(const std::vector<std::int64_t>& numbers) {
    for (const std::int64_t each : numbers) *this << each;
    return *this;
  }
  Text& operator<<(const std::vector<SubaccountToken>& tokens) {
    for (const SubaccountToken& each : tokens) text_ += text_of(each);
    return *this;
  }
  operator std::string() { return std::move(text_); }

 private:
  std::string text_;
};

std::int64_t timestamp_of(const Authentication& auth) { return auth.timestamp.value_or(0); }

}  // namespace

std::string signed_text_store(Namespace ns, std::int64_t timestamp_ms) {
  return Text("store") << decimal_unless_zero(ns) << timestamp_ms;
}
std::string signed_text_retrieve(Namespace ns, std::int64_t timestamp_ms) {
  return Text("retrieve") << decimal_unless_zero(ns) << timestamp_ms;
}

std::string signed_text(const DeleteRequest& request) { return Text("delete") << request.messages; }
std::string signed_text(const DeleteAllRequest& request) {
  return Text("delete_all") << decimal(request.ns) << timestamp_of(request.auth);
}
std::string signed_text(const DeleteBeforeRequest& request) {
  return Text("delete_before") << decimal(request.ns) << request.before_ms;
}
std::string signed_text(const ExpireRequest& request) {
  const char* change = request.change == ExpiryChange::Shorten  ? "shorten"
                       : request.change == ExpiryChange::Extend ? "extend"
                                                                : "";
  return Text("expire") << change << request.expiries_ms << request.messages;
}
std::string signed_text(const ExpireAllRequest& request) {
  return Text("expire_all") << decimal(request.ns) << request.expiry_ms;
}
std::string signed_text(const GetExpiriesRequest& request) {
  return Text("get_expiries") << timestamp_of(request.auth) << request.messages;
}
std::string signed_text(const RevokeRequest& request) {
  return Text("revoke_subaccount") << timestamp_of(request.auth) << request.tokens;
}
std::string signed_text(const UnrevokeRequest& request) {
  return Text("unrevoke_subaccount") << timestamp_of(request.auth) << request.tokens;
}
std::string signed_text(const ListenRequest& request) {
  Text text("listen");
  const char* between = "";
  for (const auto& [ns, last] : request.last_hashes) {
    text << between << std::int64_t{ns};
    between = ",";
  }
  return text << timestamp_of(request.auth);
}

std::string signed_text(const DeleteRequest& request, const ChangeEntry& done) {
  return Text(request.account.hex()) << request.messages << done.changed;
}
std::string signed_text(const DeleteAllRequest& request, const ChangeEntry& done) {
  return Text(request.account.hex()) << timestamp_of(request.auth) << done.changed;
}
std::string signed_text(const DeleteBeforeRequest& request, const ChangeEntry& done) {
  return Text(request.account.hex()) << request.before_ms << done.changed;
}
std::string signed_text(const ExpireRequest& request, const ChangeEntry& done) {
  Text text(request.account.hex());
  text << done.expiries_ms << request.messages << done.changed;
  for (const auto& [hash, expiry] : done.unchanged) text << hash.text << expiry;
  return text;
}
std::string signed_text(const ExpireAllRequest& request, const ChangeEntry& done) {
  return Text(request.account.hex()) << request.expiry_ms << done.changed;
}
std::string signed_text(const RevokeRequest& request, const ChangeEntry&) {
  return Text(request.account.hex()) << timestamp_of(request.auth) << request.tokens;
}
std::string signed_text(const UnrevokeRequest& request, const ChangeEntry&) {
  return Text(request.account.hex()) << timestamp_of(request.auth) << request.tokens;
}

}  // namespace session::wire
