#version 330 core
// One quad for each disc, as large as its rim and its glow need.
layout(location = 0) in vec4 place;   // x, y, radius, rim; pixels
layout(location = 1) in vec4 fill;
layout(location = 2) in vec4 edge;
layout(location = 3) in vec2 extra;   // glow, dashes
uniform vec4 viewport;                // corner and size, pixels
out vec2 offset;
flat out vec4 shape;
flat out vec4 fill_colour;
flat out vec4 edge_colour;
flat out vec2 more;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  float reach = place.z + place.w + extra.x + 1.5;
  offset = corner * reach;
  shape = place;
  fill_colour = fill;
  edge_colour = edge;
  more = extra;
  vec2 at = (place.xy + offset - viewport.xy) / viewport.zw;
  gl_Position = vec4(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, 0.0, 1.0);
}
