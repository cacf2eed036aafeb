#version 330 core
// One quad along each line.
layout(location = 0) in vec4 ends;    // ax, ay, bx, by; pixels
layout(location = 1) in vec4 tint;
layout(location = 2) in vec2 form;    // width, dash; pixels
uniform vec4 viewport;
out vec2 along;                       // pixels from the beginning, pixels from the middle
flat out vec2 width_dash;
flat out vec4 tint_colour;
void main() {
  vec2 direction = ends.zw - ends.xy;
  float size = max(length(direction), 0.001);
  direction /= size;
  vec2 side = vec2(-direction.y, direction.x);
  float t = float(gl_VertexID >> 1), s = float(gl_VertexID & 1) * 2.0 - 1.0;
  float half_width = form.x * 0.5 + 1.0;
  along = vec2(t * size, s * half_width);
  width_dash = form;
  tint_colour = tint;
  vec2 at = (ends.xy + direction * along.x + side * along.y - viewport.xy) / viewport.zw;
  gl_Position = vec4(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, 0.0, 1.0);
}
