#include "app/ui/map_renderer.h"

#include <epoxy/gl.h>
#include <fmt/format.h>

#include <cstddef>

namespace session::assets {
extern const std::string_view k_disc_vert, k_disc_frag, k_line_vert, k_line_frag, k_packet_vert, k_packet_frag;
}  // namespace session::assets

namespace session::app {
namespace {

Result<unsigned> compile(unsigned stage, std::string_view source) {
  const unsigned shader = glCreateShader(stage);
  const char* text = source.data();
  const auto size = static_cast<GLint>(source.size());
  glShaderSource(shader, 1, &text, &size);
  glCompileShader(shader);
  GLint good = 0;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &good);
  if (good != 0) return shader;
  std::array<char, 1024> log{};
  glGetShaderInfoLog(shader, log.size(), nullptr, log.data());
  glDeleteShader(shader);
  return fail(ErrorCode::Internal, fmt::format("a shader does not compile: {}", log.data()));
}

Result<unsigned> link(std::string_view vertex, std::string_view fragment) {
  const auto a = compile(GL_VERTEX_SHADER, vertex);
  if (!a) return a;
  const auto b = compile(GL_FRAGMENT_SHADER, fragment);
  if (!b) return b;
  const unsigned program = glCreateProgram();
  glAttachShader(program, *a);
  glAttachShader(program, *b);
  glLinkProgram(program);
  glDeleteShader(*a);
  glDeleteShader(*b);
  GLint good = 0;
  glGetProgramiv(program, GL_LINK_STATUS, &good);
  if (good != 0) return program;
  std::array<char, 1024> log{};
  glGetProgramInfoLog(program, log.size(), nullptr, log.data());
  glDeleteProgram(program);
  return fail(ErrorCode::Internal, fmt::format("a shader does not link: {}", log.data()));
}

struct Attribute {
  int size;
  bool is_colour;
  std::size_t offset;
};

void describe(std::size_t stride, std::initializer_list<Attribute> attributes) {
  unsigned index = 0;
  for (const Attribute& each : attributes) {
    glEnableVertexAttribArray(index);
    glVertexAttribPointer(index, each.size, each.is_colour ? GL_UNSIGNED_BYTE : GL_FLOAT, each.is_colour ? GL_TRUE : GL_FALSE,
                          static_cast<GLsizei>(stride), reinterpret_cast<const void*>(each.offset));
    glVertexAttribDivisor(index, 1);
    ++index;
  }
}

}  // namespace

Result<void> MapRenderer::start() {
  const auto make = [](Pass& pass, std::string_view vertex, std::string_view fragment) -> Result<void> {
    const auto program = link(vertex, fragment);
    if (!program) return fail(program);
    pass.program = *program;
    pass.viewport = glGetUniformLocation(*program, "viewport");
    glGenVertexArrays(1, &pass.array);
    glGenBuffers(1, &pass.buffer);
    glBindVertexArray(pass.array);
    glBindBuffer(GL_ARRAY_BUFFER, pass.buffer);
    return {};
  };
  if (auto done = make(discs_, assets::k_disc_vert, assets::k_disc_frag); !done) return done;
  describe(sizeof(DiscInstance), {{4, false, offsetof(DiscInstance, x)},
                                  {4, true, offsetof(DiscInstance, fill)},
                                  {4, true, offsetof(DiscInstance, edge)},
                                  {2, false, offsetof(DiscInstance, glow)}});
  if (auto done = make(lines_, assets::k_line_vert, assets::k_line_frag); !done) return done;
  describe(sizeof(LineInstance), {{4, false, offsetof(LineInstance, ax)},
                                  {4, true, offsetof(LineInstance, colour)},
                                  {2, false, offsetof(LineInstance, width)}});
  if (auto done = make(packets_, assets::k_packet_vert, assets::k_packet_frag); !done) return done;
  describe(sizeof(PacketInstance), {{4, false, offsetof(PacketInstance, x)},
                                    {4, true, offsetof(PacketInstance, fill)},
                                    {4, true, offsetof(PacketInstance, glow)},
                                    {4, true, offsetof(PacketInstance, rings)},
                                    {4, true, offsetof(PacketInstance, rings) + sizeof(Colour)},
                                    {4, true, offsetof(PacketInstance, rings) + 2 * sizeof(Colour)},
                                    {4, true, offsetof(PacketInstance, rings) + 3 * sizeof(Colour)},
                                    {2, false, offsetof(PacketInstance, count)}});
  glBindVertexArray(0);
  return {};
}

void MapRenderer::stop() {
  for (const Pass* pass : {&discs_, &lines_, &packets_}) {
    glDeleteProgram(pass->program);
    glDeleteBuffers(1, &pass->buffer);
    glDeleteVertexArrays(1, &pass->array);
  }
}

template <class Instance>
void MapRenderer::draw_pass(const Pass& pass, const std::vector<Instance>& instances, const float* viewport) {
  if (instances.empty()) return;
  glUseProgram(pass.program);
  glUniform4fv(pass.viewport, 1, viewport);
  glBindVertexArray(pass.array);
  glBindBuffer(GL_ARRAY_BUFFER, pass.buffer);
  glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(instances.size() * sizeof(Instance)), instances.data(), GL_STREAM_DRAW);
  glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, static_cast<GLsizei>(instances.size()));
}

void MapRenderer::draw(const Scene& scene, Point corner, Point size, int height, float density) {
  if (size.x < 1 || size.y < 1) return;
  const std::array<float, 4> viewport = {corner.x, corner.y, size.x, size.y};
  const auto left = static_cast<GLint>(corner.x * density);
  const auto below = static_cast<GLint>((static_cast<float>(height) - corner.y - size.y) * density);
  const auto wide = static_cast<GLsizei>(size.x * density), high = static_cast<GLsizei>(size.y * density);
  glViewport(left, below, wide, high);
  glEnable(GL_SCISSOR_TEST);
  glScissor(left, below, wide, high);
  glDisable(GL_DEPTH_TEST);
  glEnable(GL_BLEND);
  glBlendFuncSeparate(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA, GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
  draw_pass(discs_, scene.ground, viewport.data());
  draw_pass(lines_, scene.lines, viewport.data());
  draw_pass(discs_, scene.discs, viewport.data());
  draw_pass(packets_, scene.packets, viewport.data());
  glBindVertexArray(0);
  glUseProgram(0);
  glDisable(GL_SCISSOR_TEST);
}

}  // namespace session::app
