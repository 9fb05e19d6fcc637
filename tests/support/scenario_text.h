// Scenario files: requests and expected answers as text, so that a new test costs no compiling.
//
// clang-format off
//   # a comment
//   scenario What is proven
//   as sales1
//   given $a toy_tickets {"title": "打印机"}   POST as the current user, must be 201; $a = its id
//   request PATCH /toy_tickets/$a
//   upload leads.csv object=lead 公司名称\n甲公司   a form with a file to POST /imports; \n ends a line
//   attach a%20b.pdf %25PDF-1.7                 a form with a file to POST /files; name and content are
//                                              percent-decoded
//   with If-Match: W/"1"                       header of the request
//   basic sales1:$token                        Authorization: Basic with this name and password
//   body {"title": "打印机坏了"}               JSON, may go on over several lines
//   expect 200                                 the request is sent here
//   json {"title": "打印机坏了"}               a part that the answer must contain
//   header ETag: $etag                         header of the answer; "*" = any value
//   no header Location                         header that it must not have
//   absent secret                              text that the answer must not contain
//   contains 打印机                            text that it must contain
//   text 3                                     the whole body
//   remember $answer                           status and body, without request id
//   equals $answer                             the same again
//   together sales1 sales2 sales1              the next request is sent by all of them at once, and
//   expect 201 409 409                         these are the answers, in any order
//   repeat 60 … end                            the lines between, sixty times; $n is 100, 101, …
//   advance 3 days                             the clock (minutes, hours, days, seconds)
//   restart                                    the program, on the same database
//   jobs                                       runs what runs in the background once
// clang-format on
//
// In json, "$name" captures a value the first time and compares afterwards; "<any>", "<text>",
// "<number>", "<absent>" stand for what they say; a list that ends with "<more>" must contain the
// elements before it in any order. $name is replaced everywhere else. Names of query options
// ($filter …) cannot be captured.
#pragma once

#include <string>
#include <vector>

namespace kehai::scenario {

struct Line {
  int number = 0;
  std::string word;  // "request"
  std::string rest;  // what follows; a JSON text in full
};

struct Scenario {
  std::string title;
  int line = 0;
  std::vector<Line> lines;
};

struct File {
  std::string path;
  std::vector<Scenario> scenarios;
};

// Throws std::runtime_error with file and line.
File read_file(const std::string& path);

}  // namespace kehai::scenario
