# Flags of every target. Warnings are always on; the dev and asan presets turn them into errors.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(SKIPSIM_WARNINGS_ARE_ERRORS)
  add_compile_options(-Werror)
endif()

# Results must not depend on whether the compiler fuses a multiply and an add.
add_compile_options(-ffp-contract=off)

if(SKIPSIM_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
