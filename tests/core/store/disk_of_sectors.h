// A disk in memory under SQLCipher: it counts its operations and fails where told, forgets what was not synced when the power
// is cut, and shows every byte that it has. Source: reliability.md 6.
#pragma once

#include <sqlcipher/sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "core/base/bytes.h"
#include "core/base/rng.h"

namespace session::store {

class DiskOfSectors {
 public:
  enum class Kind { Error, Full, Sync };
  struct Plan {
    std::uint64_t at = 0;  ///< the operation of this kind that fails, from 1; 0: none
    Kind kind = Kind::Error;
    bool for_good = false;
    std::uint64_t cut_at = 0;  ///< from this operation on nothing works any more; 0: never
  };
  static constexpr std::size_t kSector = 512;

  /// Every database that is opened while it lives lies on it.
  DiskOfSectors() {
    vfs_.iVersion = 2;
    vfs_.szOsFile = sizeof(Handle);
    vfs_.mxPathname = 512;
    vfs_.zName = "sectors";
    vfs_.pAppData = this;
    vfs_.xOpen = &open;
    vfs_.xDelete = &remove;
    vfs_.xAccess = &access;
    vfs_.xFullPathname = [](sqlite3_vfs*, const char* name, int size, char* out) {
      sqlite3_snprintf(size, out, "%s", name);
      return SQLITE_OK;
    };
    vfs_.xRandomness = [](sqlite3_vfs*, int size, char* out) {
      std::memset(out, 7, static_cast<std::size_t>(size));
      return size;
    };
    vfs_.xSleep = [](sqlite3_vfs*, int micros) { return micros; };
    vfs_.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
    vfs_.xCurrentTime = [](sqlite3_vfs*, double* now) {
      *now = 2'460'000.5;
      return SQLITE_OK;
    };
    vfs_.xCurrentTimeInt64 = [](sqlite3_vfs*, sqlite3_int64* now) {
      *now = 212'544'000'000'000;
      return SQLITE_OK;
    };
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~DiskOfSectors() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(sqlite3_vfs_find("unix"), 1);
  }
  DiskOfSectors(const DiskOfSectors&) = delete;
  DiskOfSectors& operator=(const DiskOfSectors&) = delete;

  /// Counts from now on.
  void set(const Plan& plan) {
    plan_ = plan;
    count_ = operations_ = 0;
  }
  /// The operation that was to fail has come.
  [[nodiscard]] bool has_failed() const { return plan_.at != 0 && count_ >= plan_.at; }
  [[nodiscard]] std::uint64_t operations() const { return operations_; }
  [[nodiscard]] std::uint64_t opened() const { return opened_; }
  /// All files as they are read, one after another.
  [[nodiscard]] std::map<std::string, Bytes> files() const {
    std::map<std::string, Bytes> all;
    for (const auto& [name, file] : files_) all.emplace(name, file->content);
    return all;
  }
  /// Of what was not synced any part is there afterwards, and of that a sector may be garbage. Nothing may be open.
  void cut_power(Rng& rng) {
    for (auto file = files_.begin(); file != files_.end();) {
      if (!file->second->is_synced_name && rng.one_in(2))
        file = files_.erase(file);
      else
        lose(*(file++)->second, rng);
    }
  }

 private:
  struct File {
    Bytes content, synced;
    std::set<std::size_t> dirty;  ///< sectors that the next sync will write
    bool is_synced_name = false;
    std::map<int, std::unique_ptr<Bytes>> shared;
    void write_out() {
      synced.resize(content.size());
      for (const std::size_t sector : dirty) {
        const std::size_t from = sector * kSector;
        if (from >= content.size()) continue;
        std::memcpy(synced.data() + from, content.data() + from, std::min(kSector, content.size() - from));
      }
      is_synced_name = true;
    }
  };
  struct Handle : sqlite3_file {
    DiskOfSectors* disk;
    File* file;
  };

  static void lose(File& file, Rng& rng) {
    Bytes kept = file.synced;
    for (const std::size_t sector : file.dirty) {
      if (rng.one_in(2)) continue;
      const std::size_t from = sector * kSector;
      if (from >= file.content.size()) continue;
      const std::size_t size = std::min(kSector, file.content.size() - from);
      if (kept.size() < from + size) kept.resize(from + size);
      std::memcpy(kept.data() + from, file.content.data() + from, size);
      if (rng.one_in(8)) rng.fill(std::span(kept).subspan(from, size));
    }
    file.content = file.synced = kept;
    file.dirty.clear();
    file.is_synced_name = true;
    file.shared.clear();
  }

  /// Counts one operation; the error that it ends with, or SQLITE_OK.
  int pass(Kind kind, int code) {
    ++operations_;
    if (plan_.cut_at != 0 && operations_ >= plan_.cut_at) return code;
    const bool counts = plan_.kind == Kind::Error || plan_.kind == kind;
    if (plan_.at == 0 || !counts) return SQLITE_OK;
    ++count_;
    const bool fails = plan_.for_good ? count_ >= plan_.at : count_ == plan_.at;
    return fails ? (plan_.kind == Kind::Full ? SQLITE_FULL : code) : SQLITE_OK;
  }

  static Handle* handle(sqlite3_file* file) { return static_cast<Handle*>(file); }
  static DiskOfSectors& disk(sqlite3_vfs* vfs) { return *static_cast<DiskOfSectors*>(vfs->pAppData); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* flags_out) {
    DiskOfSectors& self = disk(vfs);
    out->pMethods = nullptr;
    const std::string key = name != nullptr ? name : "temporary";
    auto found = self.files_.find(key);
    if (found == self.files_.end() && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    if (const int code = self.pass(Kind::Error, SQLITE_CANTOPEN); code != SQLITE_OK) return code;
    if (found == self.files_.end()) found = self.files_.emplace(key, std::make_unique<File>()).first;
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0) ++self.opened_;
    auto* made = handle(out);
    made->disk = &self;
    made->file = found->second.get();
    made->pMethods = &methods();
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int) {
    DiskOfSectors& self = disk(vfs);
    if (!self.files_.contains(name)) return SQLITE_IOERR_DELETE_NOENT;
    if (const int code = self.pass(Kind::Error, SQLITE_IOERR_DELETE); code != SQLITE_OK) return code;
    self.files_.erase(name);  // SQLite closes a file first
    return SQLITE_OK;
  }
  static int access(sqlite3_vfs* vfs, const char* name, int, int* out) {
    *out = disk(vfs).files_.contains(name) ? 1 : 0;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* out, int size, sqlite3_int64 from) {
    const Handle& h = *handle(file);
    if (const int code = h.disk->pass(Kind::Error, SQLITE_IOERR_READ); code != SQLITE_OK) return code;
    const Bytes& content = h.file->content;
    const auto wanted = static_cast<std::size_t>(size), at = static_cast<std::size_t>(from);
    const std::size_t there = at >= content.size() ? 0 : std::min(wanted, content.size() - at);
    if (there > 0) std::memcpy(out, content.data() + at, there);
    std::memset(static_cast<char*>(out) + there, 0, wanted - there);
    return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  static int write(sqlite3_file* file, const void* data, int size, sqlite3_int64 from) {
    const Handle& h = *handle(file);
    if (const int code = h.disk->pass(Kind::Full, SQLITE_IOERR_WRITE); code != SQLITE_OK) return code;
    Bytes& content = h.file->content;
    const auto count = static_cast<std::size_t>(size), at = static_cast<std::size_t>(from);
    if (content.size() < at + count) content.resize(at + count);
    if (count > 0) std::memcpy(content.data() + at, data, count);
    for (std::size_t sector = at / kSector; sector * kSector < at + count; ++sector) h.file->dirty.insert(sector);
    return SQLITE_OK;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    const Handle& h = *handle(file);
    if (const int code = h.disk->pass(Kind::Error, SQLITE_IOERR_TRUNCATE); code != SQLITE_OK) return code;
    h.file->content.resize(static_cast<std::size_t>(size));
    h.file->dirty.insert(static_cast<std::size_t>(size) / kSector);
    return SQLITE_OK;
  }
  /// As Linux does it: after a failure what was to be written counts as written.
  static int sync(sqlite3_file* file, int) {
    const Handle& h = *handle(file);
    const int code = h.disk->pass(Kind::Sync, SQLITE_IOERR_FSYNC);
    if (code == SQLITE_OK) h.file->write_out();
    h.file->dirty.clear();
    return code;
  }

  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods all = [] {
      sqlite3_io_methods m{};
      m.iVersion = 2;
      m.xClose = [](sqlite3_file*) { return SQLITE_OK; };
      m.xRead = &read;
      m.xWrite = &write;
      m.xTruncate = &truncate;
      m.xSync = &sync;
      m.xFileSize = [](sqlite3_file* file, sqlite3_int64* size) {
        *size = static_cast<sqlite3_int64>(handle(file)->file->content.size());
        return SQLITE_OK;
      };
      m.xLock = [](sqlite3_file*, int) { return SQLITE_OK; };
      m.xUnlock = [](sqlite3_file*, int) { return SQLITE_OK; };
      m.xCheckReservedLock = [](sqlite3_file*, int* held) {
        *held = 0;
        return SQLITE_OK;
      };
      m.xFileControl = [](sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; };
      m.xSectorSize = [](sqlite3_file*) { return static_cast<int>(kSector); };
      m.xDeviceCharacteristics = [](sqlite3_file*) { return 0; };
      m.xShmMap = [](sqlite3_file* file, int page, int size, int, void volatile** out) {
        auto& shared = handle(file)->file->shared[page];
        if (!shared) shared = std::make_unique<Bytes>(static_cast<std::size_t>(size));
        *out = shared->data();
        return SQLITE_OK;
      };
      m.xShmLock = [](sqlite3_file*, int, int, int) { return SQLITE_OK; };
      m.xShmBarrier = [](sqlite3_file*) {};
      m.xShmUnmap = [](sqlite3_file* file, int) {
        handle(file)->file->shared.clear();
        return SQLITE_OK;
      };
      return m;
    }();
    return all;
  }

  sqlite3_vfs vfs_{};
  std::map<std::string, std::unique_ptr<File>> files_;
  Plan plan_;
  std::uint64_t count_ = 0, operations_ = 0, opened_ = 0;
};

}  // namespace session::store
