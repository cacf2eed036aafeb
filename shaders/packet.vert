#version 330 core
// A packet: a core, and one ring for each onion layer that is still on it.
layout(location = 0) in vec4 place;   // x, y, radius of the core, width of a ring with its gap
layout(location = 1) in vec4 fill;
layout(location = 2) in vec4 glow;
layout(location = 3) in vec4 ring_a;
layout(location = 4) in vec4 ring_b;
layout(location = 5) in vec4 ring_c;
layout(location = 6) in vec4 ring_d;
layout(location = 7) in vec2 form;    // rings, 1 when it is lost
uniform vec4 viewport;
out vec2 offset;
flat out vec4 shape;
flat out vec4 fill_colour;
flat out vec4 glow_colour;
flat out vec4 rings[4];
flat out vec2 count_lost;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  float reach = (place.z + place.w * (form.x + 1.0)) * (glow.a > 0.0 ? 2.2 : 1.0) + 2.0;
  offset = corner * reach;
  shape = place;
  fill_colour = fill;
  glow_colour = glow;
  rings[0] = ring_a;
  rings[1] = ring_b;
  rings[2] = ring_c;
  rings[3] = ring_d;
  count_lost = form;
  vec2 at = (place.xy + offset - viewport.xy) / viewport.zw;
  gl_Position = vec4(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, 0.0, 1.0);
}
