# kehai_library(NAME SOURCES a.cc … LINK lib …): one static library per layer, sources listed by name.
function(kehai_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC kehai_flags ${ARG_LINK})
endfunction()

# kehai_run(NAME COMMAND …): a test of ctest, run where the sources are. Sanitizers tell a finding with its stack; a stack of 12
# calls says enough and costs less than one of 30 at each allocation.
function(kehai_run name)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(KEHAI_SANITIZE)
    set_tests_properties(${name} PROPERTIES ENVIRONMENT
      "ASAN_OPTIONS=malloc_context_size=12:strict_string_checks=1:check_initialization_order=1;UBSAN_OPTIONS=print_stacktrace=1")
  endif()
endfunction()

# kehai_test(NAME [SECONDS n] SOURCES a_test.cc … LINK lib …): one doctest program per layer, run by ctest. It begins with
# those that take longest (seconds, roughly), so that none of them is alone at the end.
function(kehai_test name)
  if(NOT KEHAI_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "SECONDS" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${CMAKE_SOURCE_DIR}/tests/support/doctest_main.cc ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE kehai_flags ${ARG_LINK})
  kehai_run(${name} ${name} --duration=true)
  if(ARG_SECONDS)
    set_tests_properties(${name} PROPERTIES COST ${ARG_SECONDS})
  endif()
endfunction()
