// The vocabulary of company names: legal forms, branches and trades. Private to company_name.cc.
#pragma once

#include <string_view>

namespace kehai::text {

// As registered; compared after folding and without punctuation. The longest that fits is taken
// first.
inline constexpr std::u32string_view kLegalForms[] = {U"股份有限公司",
                                                      U"有限责任公司",
                                                      U"有限公司",
                                                      U"集团有限公司",
                                                      U"集团",
                                                      U"集团公司",
                                                      U"总公司",
                                                      U"合伙企业有限合伙",
                                                      U"合伙企业普通合伙",
                                                      U"合伙企业特殊普通合伙",
                                                      U"合伙企业",
                                                      U"有限合伙",
                                                      U"普通合伙",
                                                      U"特殊普通合伙",
                                                      U"个人独资企业",
                                                      U"个体工商户",
                                                      U"股份公司",
                                                      U"公司",
                                                      U"商行",
                                                      U"经营部",
                                                      U"工作室",
                                                      U"厂",
                                                      U"店"};

// Latin forms count only as whole words: Zinc and Cisco keep theirs.
inline constexpr std::u32string_view kLatinLegalForms[] = {
    U"co",  U"coltd",        U"company", U"corp", U"corporation", U"gmbh",
    U"inc", U"incorporated", U"limited", U"llc",  U"ltd",         U"plc"};

inline constexpr std::u32string_view kBranchWords[] = {
    U"分公司", U"分店", U"办事处", U"代表处", U"分行", U"支行", U"分厂", U"分部", U"营业部"};
// Names that end like a branch and are none.
inline constexpr std::u32string_view kNoBranch[] = {U"街道办事处", U"地区办事处"};

// A name from which only these would remain keeps its region: 海南航空, 中国银行, 上海网络科技.
inline constexpr std::u32string_view kTrades[] = {
    U"航空",         U"航天",       U"航运",   U"海运",   U"银行",   U"证券",     U"保险",
    U"基金",         U"信托",       U"租赁",   U"担保",   U"期货",   U"金融",     U"投资",
    U"资产",         U"资本",       U"控股",   U"集团",   U"实业",   U"产业",     U"工业",
    U"企业",         U"发展",       U"开发",   U"建设",   U"建筑",   U"工程",     U"安装",
    U"装饰",         U"装修",       U"设计",   U"园林",   U"市政",   U"路桥",     U"地产",
    U"房产",         U"房地产",     U"置业",   U"物业",   U"管理",   U"咨询",     U"服务",
    U"中介",         U"代理",       U"贸易",   U"商贸",   U"商务",   U"商业",     U"进出口",
    U"国际",         U"零售",       U"批发",   U"超市",   U"百货",   U"电商",     U"电子商务",
    U"电子",         U"电气",       U"电器",   U"家电",   U"电力",   U"电信",     U"电缆",
    U"通信",         U"通讯",       U"移动",   U"网络",   U"互联网", U"信息",     U"软件",
    U"数据",         U"数码",       U"数字",   U"智能",   U"智慧",   U"科技",     U"技术",
    U"科学",         U"研究",       U"研究院", U"高科",   U"高新",   U"新能源",   U"能源",
    U"石油",         U"石化",       U"化工",   U"化学",   U"燃气",   U"天然气",   U"煤炭",
    U"煤业",         U"矿业",       U"钢铁",   U"冶金",   U"有色",   U"金属",     U"五金",
    U"机电",         U"机械",       U"机床",   U"重工",   U"设备",   U"装备",     U"仪器",
    U"仪表",         U"工具",       U"模具",   U"轴承",   U"阀门",   U"制造",     U"加工",
    U"材料",         U"新材料",     U"建材",   U"水泥",   U"玻璃",   U"陶瓷",     U"塑料",
    U"橡胶",         U"涂料",       U"汽车",   U"汽配",   U"汽贸",   U"车辆",     U"船舶",
    U"铁路",         U"公路",       U"港口",   U"港务",   U"机场",   U"交通",     U"公交",
    U"运输",         U"物流",       U"快递",   U"仓储",   U"供应链", U"生物",     U"医药",
    U"制药",         U"药业",       U"医疗",   U"器械",   U"医院",   U"健康",     U"保健",
    U"养老",         U"化妆品",     U"美容",   U"食品",   U"饮料",   U"酒业",     U"茶业",
    U"粮油",         U"餐饮",       U"饮食",   U"酒店",   U"宾馆",   U"旅游",     U"旅行社",
    U"旅行",         U"农业",       U"林业",   U"牧业",   U"渔业",   U"水产",     U"养殖",
    U"种业",         U"种植",       U"饲料",   U"水务",   U"水利",   U"环保",     U"环境",
    U"节能",         U"纺织",       U"服装",   U"服饰",   U"鞋业",   U"皮革",     U"家具",
    U"家居",         U"家纺",       U"印刷",   U"包装",   U"纸业",   U"造纸",     U"玩具",
    U"礼品",         U"工艺品",     U"珠宝",   U"广告",   U"传媒",   U"文化",     U"传播",
    U"影视",         U"影业",       U"娱乐",   U"体育",   U"健身",   U"游戏",     U"动漫",
    U"出版",         U"报业",       U"广播",   U"电视",   U"教育",   U"培训",     U"大学",
    U"学院",         U"学校",       U"中学",   U"小学",   U"幼儿园", U"人力资源", U"劳务",
    U"会计师事务所", U"律师事务所", U"事务所", U"公司",   U"中心",   U"协会",     U"联合",
    U"总",           U"第一",       U"啤酒",   U"白酒",   U"酿酒",   U"酿造",     U"饭店",
    U"乳业",         U"牛奶",       U"奶业",   U"茶叶",   U"粮食",   U"肉类",     U"种子",
    U"花卉",         U"烟草",       U"盐业",   U"糖业",   U"电池",   U"电机",     U"电梯",
    U"电源",         U"光电",       U"光伏",   U"太阳能", U"半导体", U"芯片",     U"自动化",
    U"机器人",       U"计算机",     U"电脑",   U"系统",   U"集成",   U"云计算",   U"大数据",
    U"人工智能",     U"物联网",     U"安防",   U"消防",   U"照明",   U"灯饰",     U"文具",
    U"办公",         U"用品",       U"日用品", U"日化",   U"清洁",   U"家政",     U"会展",
    U"展览",         U"药房",       U"药店",   U"书店",   U"商场",   U"工贸",     U"第二",
    U"新",           U"大",         U"与",     U"和",     U"股份",   U"有限"};

}  // namespace kehai::text
