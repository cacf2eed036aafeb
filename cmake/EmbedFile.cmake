# The script behind embed(): text goes into raw string literals, cut below the length that every compiler takes.
file(READ "${IN}" text)
string(LENGTH "${text}" size)
set(body "")
set(at 0)
while(at LESS size)
  string(SUBSTRING "${text}" ${at} 8000 part)
  string(APPEND body "R\"asset(${part})asset\"\n")
  math(EXPR at "${at} + 8000")
endwhile()
file(WRITE "${OUT}" "#include <string_view>
namespace session::assets {
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL} = ${body};
}
")
