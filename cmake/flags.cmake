# Warnings are errors everywhere; release carries the OpenSSF hardening set.
add_library(kehai_flags INTERFACE)
target_compile_options(kehai_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -Wformat=2 -Werror=format-security>)
target_compile_definitions(kehai_flags INTERFACE
  _GLIBCXX_ASSERTIONS SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB)
target_include_directories(kehai_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
# Paths of the build machine do not belong in the program; also lets ccache share between checkouts.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
# GCC 12 reports false positives for these inside the standard library and Boost.JSON as soon as it optimises.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(kehai_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-dangling-pointer)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
    -fstack-clash-protection -fcf-protection -ftrivial-auto-var-init=zero)
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
  set(CMAKE_CXX_FLAGS_RELEASE "-O2")
  set(CMAKE_C_FLAGS_RELEASE "-O2")
endif()
# Thirty test programs with sanitizers are linked in half the time. The program that is shipped is linked by the usual linker.
find_program(KEHAI_LLD ld.lld)
if(KEHAI_LLD AND CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_link_options(-fuse-ld=lld)
endif()
if(KEHAI_SANITIZE)
  add_compile_options(-fsanitize=${KEHAI_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KEHAI_SANITIZE})
endif()
