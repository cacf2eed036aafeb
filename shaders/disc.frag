#version 330 core
in vec2 offset;
flat in vec4 shape;
flat in vec4 fill_colour;
flat in vec4 edge_colour;
flat in vec2 more;
out vec4 colour;
void main() {
  float away = length(offset);
  float inside = clamp(shape.z - away + 0.5, 0.0, 1.0);
  vec4 body = vec4(fill_colour.rgb, fill_colour.a * inside);
  float rim = shape.w > 0.0 ? clamp(shape.w * 0.5 - abs(away - shape.z) + 0.5, 0.0, 1.0) : 0.0;
  if (more.y > 0.0) rim *= step(0.5, fract(atan(offset.y, offset.x) / 6.2831853 * more.y));
  vec4 line = vec4(edge_colour.rgb, edge_colour.a * rim);
  float alpha = line.a + body.a * (1.0 - line.a);
  vec3 rgb = alpha > 0.0 ? (line.rgb * line.a + body.rgb * body.a * (1.0 - line.a)) / alpha : vec3(0.0);
  if (more.x > 0.0) {
    float light = pow(clamp(1.0 - (away - shape.z) / more.x, 0.0, 1.0), 2.0) * fill_colour.a * 0.5 * (1.0 - inside);
    rgb = mix(fill_colour.rgb, rgb, alpha);
    alpha = alpha + light * (1.0 - alpha);
  }
  colour = vec4(rgb, alpha);
}
