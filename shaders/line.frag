#version 330 core
in vec2 along;
flat in vec2 width_dash;
flat in vec4 tint_colour;
out vec4 colour;
void main() {
  float cover = clamp(width_dash.x * 0.5 - abs(along.y) + 0.5, 0.0, 1.0);
  if (width_dash.y > 0.0) cover *= step(mod(along.x, width_dash.y * 2.0), width_dash.y);
  colour = vec4(tint_colour.rgb, tint_colour.a * cover);
}
