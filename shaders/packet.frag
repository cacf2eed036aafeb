#version 330 core
in vec2 offset;
flat in vec4 shape;
flat in vec4 fill_colour;
flat in vec4 glow_colour;
flat in vec4 rings[4];
flat in vec2 count_lost;
out vec4 colour;
vec4 over(vec4 top, vec4 under) {
  float alpha = top.a + under.a * (1.0 - top.a);
  return alpha > 0.0 ? vec4((top.rgb * top.a + under.rgb * under.a * (1.0 - top.a)) / alpha, alpha) : vec4(0.0);
}
void main() {
  float away = length(offset);
  float edge = shape.z + shape.w * count_lost.x;
  vec4 sum = vec4(0.0);
  if (glow_colour.a > 0.0) {
    float light = pow(clamp(1.0 - (away - edge) / (edge * 1.2), 0.0, 1.0), 2.0);
    sum = vec4(glow_colour.rgb, glow_colour.a * light);
  }
  for (int i = 0; i < 4; ++i) {
    if (float(i) >= count_lost.x) break;
    float middle = shape.z + shape.w * (float(i) + 0.62);
    float cover = clamp(shape.w * 0.36 - abs(away - middle) + 0.5, 0.0, 1.0);
    sum = over(vec4(rings[i].rgb, rings[i].a * cover), sum);
  }
  float core = clamp(shape.z - away + 0.5, 0.0, 1.0);
  if (count_lost.y > 0.0) {
    vec2 turned = abs(vec2(offset.x + offset.y, offset.x - offset.y) * 0.70710678);
    core = clamp(1.6 - min(turned.x, turned.y), 0.0, 1.0) * step(away, shape.z * 1.8);
  }
  colour = over(vec4(fill_colour.rgb, fill_colour.a * core), sum);
}
