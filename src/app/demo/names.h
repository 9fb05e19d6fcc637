// Word lists for fictional companies and people. Combinations are checked against nothing real;
// likeness is chance.
#pragma once

#include <array>
#include <string>

#include "base/random.h"

namespace kehai::app {

struct DemoCity {
  const char* name;
  int region;  // administrative division code
};
inline constexpr std::array<DemoCity, 14> kCities = {{{"上海", 310000},
                                                      {"杭州", 330100},
                                                      {"苏州", 320500},
                                                      {"南京", 320100},
                                                      {"宁波", 330200},
                                                      {"深圳", 440300},
                                                      {"广州", 440100},
                                                      {"东莞", 441900},
                                                      {"厦门", 350200},
                                                      {"北京", 110000},
                                                      {"天津", 120000},
                                                      {"青岛", 370200},
                                                      {"成都", 510100},
                                                      {"重庆", 500000}}};
inline constexpr std::array<const char*, 28> kBrands = {
    "云帆", "恒泽", "锐信", "博远", "嘉禾",   "启明", "盛泰", "瀚海",  "腾跃", "星辰",
    "海晟", "华凌", "远图", "金石", "融创达", "中启", "万象", "蓝桥",  "青松", "德润",
    "宏景", "智汇", "优科", "凯旋", "明德",   "鼎新", "和顺", "天翼行"};
struct DemoTrade {
  const char* name;
  const char* industry;
};
inline constexpr std::array<DemoTrade, 12> kTrades = {{{"智能制造", "machinery"},
                                                       {"信息技术", "it_software"},
                                                       {"医疗器械", "medical"},
                                                       {"新能源", "energy"},
                                                       {"供应链管理", "logistics"},
                                                       {"餐饮管理", "hospitality"},
                                                       {"教育咨询", "education"},
                                                       {"建筑工程", "building"},
                                                       {"生物科技", "pharma"},
                                                       {"电子商务", "ecommerce"},
                                                       {"环保设备", "environment"},
                                                       {"文化传媒", "culture"}}};
inline constexpr std::array<const char*, 30> kSurnames = {
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡",
    "郭", "何", "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "冯", "曾", "曹"};
inline constexpr std::array<const char*, 28> kGivenNames = {
    "思远", "雨桐", "嘉豪", "敏",   "晓彤", "子轩", "雅婷", "建国", "丽华", "志强",
    "文静", "俊杰", "海燕", "国栋", "欣怡", "浩然", "晓峰", "佳琪", "明辉", "静怡",
    "伟",   "芳",   "鹏飞", "慧敏", "振华", "雪梅", "一鸣", "若曦"};
inline constexpr std::array<const char*, 10> kJobTitles = {
    "总经理",   "采购经理", "信息总监", "运营总监", "财务经理",
    "技术总监", "生产主管", "市场经理", "行政主管", "副总经理"};
inline constexpr std::array<const char*, 10> kProjects = {
    "设备更新项目", "数字化平台一期", "年度框架采购", "仓储系统升级", "品质检测方案",
    "会员系统建设", "节能改造项目",   "生产线扩容",   "门店系统替换", "数据中台规划"};
inline constexpr std::array<const char*, 12> kNotes = {
    "电话沟通，客户对方案整体认可，希望下周安排现场演示。",
    "拜访客户总部，见到信息总监，确认了预算范围和上线时间。",
    "客户反馈价格略高，需要申请折扣后再报一版。",
    "发送了产品资料和两个同行业案例，客户内部评估中。",
    "微信跟进，客户正在走内部立项流程，预计两周后有结果。",
    "现场调研完成，整理出 12 条需求，已发会议纪要确认。",
    "客户提到竞争对手也在接触，重点强调了我们的本地服务。",
    "与采购经理确认付款方式：首付 40%，验收 50%，质保 10%。",
    "首次通话，介绍了公司和产品，客户愿意进一步了解。",
    "客户出差，约定周四上午再联系。",
    "技术交流顺利，对方工程师提出接口对接的问题，已答复。",
    "合同条款进入法务审核阶段，预计本周内完成。"};

template <typename T, std::size_t N>
const T& pick(base::Random& random, const std::array<T, N>& from) {
  return from[random.below(N)];
}

}  // namespace kehai::app
