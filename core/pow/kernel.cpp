// SHA-512 of one block, many nonces at a time. This is no cryptography to rely on: it finds what stamp.cpp then checks with a
// library's SHA-512, and a stamp protects nothing but a node's disk. Compiled once for each kind of vector; Highway's headers
// include this file again for each.
//
// A trial is nonce ‖ inner ‖ padding: of its sixteen words only the first changes. What does not depend on it is reckoned once
// (Prepared); two vectors run side by side, so that one works while the other waits for its results.
#include "core/pow/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/pow/kernel.cpp"
// Vectors whose size is known when compiling, so that they can lie in arrays; and none that gain nothing over their neighbours.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSSE3 | HWY_AVX3_DL)
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

#include <utility>

HWY_BEFORE_NAMESPACE();
namespace session::pow::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::ScalableTag<std::uint64_t>;
using V = hn::Vec<Lanes>;
constexpr int kStreams = 2;

HWY_INLINE V same(std::uint64_t value) { return hn::Set(Lanes(), value); }
HWY_INLINE V small_sigma_0(V x) { return hn::Xor3(hn::RotateRight<1>(x), hn::RotateRight<8>(x), hn::ShiftRight<7>(x)); }
HWY_INLINE V small_sigma_1(V x) { return hn::Xor3(hn::RotateRight<19>(x), hn::RotateRight<61>(x), hn::ShiftRight<6>(x)); }
HWY_INLINE V big_sigma_0(V x) { return hn::Xor3(hn::RotateRight<28>(x), hn::RotateRight<34>(x), hn::RotateRight<39>(x)); }
HWY_INLINE V big_sigma_1(V x) { return hn::Xor3(hn::RotateRight<14>(x), hn::RotateRight<18>(x), hn::RotateRight<41>(x)); }
// Bit by bit, x ? y : z, and whatever two of three say. AVX-512 has an instruction for any function of three bits.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
HWY_INLINE V choose(V x, V y, V z) { return V{_mm512_ternarylogic_epi64(x.raw, y.raw, z.raw, 0xca)}; }
HWY_INLINE V majority(V x, V y, V z) { return V{_mm512_ternarylogic_epi64(x.raw, y.raw, z.raw, 0xe8)}; }
#else
HWY_INLINE V choose(V x, V y, V z) { return hn::Xor(hn::And(hn::Xor(y, z), x), z); }
HWY_INLINE V majority(V x, V y, V z) { return hn::Xor(hn::And(hn::Xor(x, y), hn::Xor(y, z)), y); }
#endif

/// Working variables and the last sixteen words of the schedule, for each stream.
struct Work {
  V s[8][kStreams];
  V w[16][kStreams];
};

/// Word t of the schedule, where it depends on the nonce.
template <int t>
HWY_INLINE void extend(Work& k, const Prepared& p) {
  for (int i = 0; i < kStreams; ++i) {
    V sum;
    if constexpr (t < 32) {
      sum = same(p.schedule[t]);
      if constexpr (!is_fixed(t - 2)) sum = hn::Add(sum, small_sigma_1(k.w[(t - 2) % 16][i]));
      if constexpr (!is_fixed(t - 7)) sum = hn::Add(sum, k.w[(t - 7) % 16][i]);
      if constexpr (!is_fixed(t - 15)) sum = hn::Add(sum, small_sigma_0(k.w[(t - 15) % 16][i]));
      if constexpr (!is_fixed(t - 16)) sum = hn::Add(sum, k.w[(t - 16) % 16][i]);
    } else {
      sum = hn::Add(hn::Add(small_sigma_1(k.w[(t - 2) % 16][i]), k.w[(t - 7) % 16][i]),
                    hn::Add(small_sigma_0(k.w[(t - 15) % 16][i]), k.w[t % 16][i]));
    }
    k.w[t % 16][i] = sum;
  }
}

template <int t>
HWY_INLINE void round(Work& k, const Prepared& p) {
  constexpr int a = (80 - t) % 8, b = (81 - t) % 8, c = (82 - t) % 8, d = (83 - t) % 8;
  constexpr int e = (84 - t) % 8, f = (85 - t) % 8, g = (86 - t) % 8, h = (87 - t) % 8;
  if constexpr (t >= 16 && !is_fixed(t)) extend<t>(k, p);
  if constexpr (t >= 16 && is_fixed(t))
    for (int i = 0; i < kStreams; ++i) k.w[t % 16][i] = same(p.schedule[t]);  // for later words
  for (int i = 0; i < kStreams; ++i) {
    V sum = hn::Add(k.s[h][i], same(p.added[t]));
    if constexpr (!is_fixed(t)) sum = hn::Add(sum, k.w[t % 16][i]);
    sum = hn::Add(sum, hn::Add(big_sigma_1(k.s[e][i]), choose(k.s[e][i], k.s[f][i], k.s[g][i])));
    if constexpr (t < 79) k.s[d][i] = hn::Add(k.s[d][i], sum);
    k.s[h][i] = hn::Add(sum, hn::Add(big_sigma_0(k.s[a][i]), majority(k.s[a][i], k.s[b][i], k.s[c][i])));
  }
}

#if !defined(__clang__)
template <int... t>
HWY_INLINE void rounds(Work& k, const Prepared& p, std::integer_sequence<int, t...>) {
  (round<t + 1>(k, p), ...);
}
HWY_INLINE void all_rounds(Work& k, const Prepared& p) { rounds(k, p, std::make_integer_sequence<int, 79>()); }
#else
// Clang takes minutes over all rounds in one piece. So it gets sixteen of them, five times over, and nothing reckoned before.
template <int t>
HWY_INLINE void plain_round(Work& k, const std::uint64_t* constants, bool extends) {
  constexpr int a = (80 - t) % 8, b = (81 - t) % 8, c = (82 - t) % 8, d = (83 - t) % 8;
  constexpr int e = (84 - t) % 8, f = (85 - t) % 8, g = (86 - t) % 8, h = (87 - t) % 8;
  for (int i = 0; i < kStreams; ++i) {
    if (extends)
      k.w[t][i] = hn::Add(hn::Add(small_sigma_1(k.w[(t + 14) % 16][i]), k.w[(t + 9) % 16][i]),
                          hn::Add(small_sigma_0(k.w[(t + 1) % 16][i]), k.w[t][i]));
    const V sum = hn::Add(hn::Add(hn::Add(k.s[h][i], same(constants[t])), k.w[t][i]),
                          hn::Add(big_sigma_1(k.s[e][i]), choose(k.s[e][i], k.s[f][i], k.s[g][i])));
    k.s[d][i] = hn::Add(k.s[d][i], sum);
    k.s[h][i] = hn::Add(sum, hn::Add(big_sigma_0(k.s[a][i]), majority(k.s[a][i], k.s[b][i], k.s[c][i])));
  }
}
template <int... t>
HWY_INLINE void sixteen_rounds(Work& k, const std::uint64_t* constants, bool extends, std::integer_sequence<int, t...>) {
  (plain_round<t>(k, constants, extends), ...);
}
HWY_INLINE void all_rounds(Work& k, const Prepared& p) {
  for (int i = 0; i < kStreams; ++i)
    for (int j = 0; j < 8; ++j) k.s[j][i] = same(p.begin[j]);
#pragma clang loop unroll(disable)
  for (int block = 0; block < 80; block += 16)
    sixteen_rounds(k, p.constants + block, block > 0, std::make_integer_sequence<int, 16>());
}
#endif

/// The number of trials before the first hit in [from, from + count); `count` when there is none. Nonces wrap round.
std::uint64_t first_hit(const Prepared& p, std::uint64_t from, std::uint64_t count) {
  const Lanes d;
  const std::uint64_t lanes = hn::Lanes(d);
  const V target = same(p.target);
  for (std::uint64_t done = 0; done < count; done += kStreams * lanes) {
    Work k;
    for (int i = 0; i < kStreams; ++i) {
      const V nonce = hn::Iota(d, from + done + static_cast<std::uint64_t>(i) * lanes);
      k.w[0][i] = nonce;
      for (int j = 1; j < 16; ++j) k.w[j][i] = same(p.schedule[j]);
      // Round 0 with everything but the nonce reckoned before: its results stand where round 1 looks for them.
      for (int j = 0; j < 8; ++j) k.s[j][i] = same(p.after_first[j]);
      k.s[7][i] = hn::Add(k.s[7][i], nonce);
      k.s[3][i] = hn::Add(k.s[3][i], nonce);
    }
    all_rounds(k, p);
    for (int i = 0; i < kStreams; ++i) {
      const V first_word = hn::Add(k.s[0][i], same(p.start));
      const auto hit = hn::Lt(first_word, target);
      if (hn::AllFalse(d, hit)) continue;
      const std::uint64_t at = done + static_cast<std::uint64_t>(i) * lanes + hn::FindKnownFirstTrue(d, hit);
      return at < count ? at : count;
    }
  }
  return count;
}

}  // namespace session::pow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <bit>

namespace session::pow {
namespace {

// SHA-512's own numbers (FIPS 180-4, 4.2.3 and 5.3.5): of the cube roots of the first 80 primes, and the square roots of the
// first 8, the first 64 bits behind the point.
constexpr std::uint64_t kRound[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019,
    0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3,
    0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001,
    0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb,
    0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207,
    0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a,
    0x5fcb6fab3ad6faec, 0x6c44198c4a475817};
constexpr std::uint64_t kStart[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                     0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

std::uint64_t small_sigma_0(std::uint64_t x) { return std::rotr(x, 1) ^ std::rotr(x, 8) ^ (x >> 7); }
std::uint64_t small_sigma_1(std::uint64_t x) { return std::rotr(x, 19) ^ std::rotr(x, 61) ^ (x >> 6); }

}  // namespace

Prepared prepare(const Puzzle& puzzle) {
  Prepared p;
  p.target = puzzle.target;
  p.start = kStart[0];
  for (int t = 1; t <= 8; ++t) p.schedule[t] = load_big<std::uint64_t>(puzzle.inner.data() + 8 * (t - 1));
  p.schedule[9] = std::uint64_t{1} << 63;
  p.schedule[15] = 72 * 8;  // bits of nonce and inner
  for (int t = 16; t < 32; ++t) {
    if (is_fixed(t - 2)) p.schedule[t] += small_sigma_1(p.schedule[t - 2]);
    if (is_fixed(t - 7)) p.schedule[t] += p.schedule[t - 7];
    if (is_fixed(t - 15)) p.schedule[t] += small_sigma_0(p.schedule[t - 15]);
    if (is_fixed(t - 16)) p.schedule[t] += p.schedule[t - 16];
  }
  for (int t = 0; t < 80; ++t) {
    p.constants[t] = kRound[t];
    p.added[t] = kRound[t] + (is_fixed(t) ? p.schedule[t] : 0);
  }
  for (int i = 0; i < 8; ++i) p.begin[i] = kStart[i];

  const std::uint64_t a = kStart[0], b = kStart[1], c = kStart[2], e = kStart[4], f = kStart[5], g = kStart[6];
  const std::uint64_t first =
      kStart[7] + (std::rotr(e, 14) ^ std::rotr(e, 18) ^ std::rotr(e, 41)) + ((e & f) ^ (~e & g)) + kRound[0];
  const std::uint64_t second = (std::rotr(a, 28) ^ std::rotr(a, 34) ^ std::rotr(a, 39)) + ((a & b) ^ (a & c) ^ (b & c));
  for (int i = 0; i < 8; ++i) p.after_first[i] = kStart[i];
  p.after_first[3] += first;
  p.after_first[7] = first + second;
  return p;
}

HWY_EXPORT(first_hit);

const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all = [] {
    std::vector<Kernel> found;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      found.push_back({hwy::TargetName(target), &HWY_DYNAMIC_DISPATCH(first_hit)});
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    return found;
  }();
  return all;
}

}  // namespace session::pow
#endif  // HWY_ONCE
