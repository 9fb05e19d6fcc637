// What people call the columns of their customer lists: field name → words, in all scripts and
// widths at once (headers are compared normalised, see normal_header()). An object's own labels
// need not be repeated here.
#pragma once

#include <array>
#include <string_view>

namespace kehai::platform {

struct ColumnWords {
  std::string_view object;  // "" = any
  std::string_view field;
  std::string_view words;  // separated by blanks; a blank inside a word is left out
};

inline constexpr std::array kColumnWords = {
    ColumnWords{"account", "name",
                "客户名称 客户名 客户 客户全称 公司 公司名称 公司名 公司全称 企业名称 企业 单位 "
                "单位名称 名称 商户名称 抬头 发票抬头 店铺名称 "
                "account accountname company companyname customer customername organization "
                "organisation organizationname businessname "
                "name"},
    ColumnWords{"lead", "company",
                "公司 公司名称 公司名 公司全称 企业名称 企业 单位 单位名称 客户 客户名称 客户名 "
                "所属公司 所在公司 工作单位 商户名称 店铺名称 "
                "company companyname organization organisation account accountname business "
                "organizationname employer"},
    ColumnWords{"lead", "name",
                "联系人 联系人姓名 姓名 名字 称呼 客户姓名 收件人 收货人 负责人姓名 对接人 name "
                "fullname contact contactname contactperson displayname"},
    ColumnWords{
        "contact", "name",
        "联系人 联系人姓名 姓名 名字 称呼 对接人 name fullname contact contactname displayname"},
    ColumnWords{"contact", "account_id",
                "客户 客户名称 公司 公司名称 单位 企业名称 所属公司 accountid account accountname "
                "company companyname organization organizationname"},
    ColumnWords{"opportunity", "name",
                "商机 商机名称 项目 项目名称 机会名称 销售机会 opportunity opportunityname deal "
                "dealname name"},
    ColumnWords{"opportunity", "account_id",
                "客户 客户名称 公司 公司名称 所属客户 accountid account accountname company "
                "companyname customer associatedcompany"},
    ColumnWords{"opportunity", "contact_id",
                "联系人 主要联系人 contact contactid contactname primarycontact"},
    ColumnWords{"opportunity", "stage_id",
                "阶段 商机阶段 销售阶段 当前阶段 stage stagename dealstage salesstage"},
    ColumnWords{"opportunity", "pipeline_id", "销售流程 流程 商机类型 pipeline salesprocess"},
    ColumnWords{"opportunity", "amount",
                "金额 预计金额 商机金额 预计销售金额 合同金额 项目金额 amount value dealvalue "
                "dealamount expectedamount"},
    ColumnWords{"opportunity", "expected_close_date",
                "预计成交日期 预计成交时间 预计签约日期 预计签单日期 结单日期 成交日期 closedate "
                "expectedclosedate expectedclose closingdate"},
    ColumnWords{"opportunity", "probability",
                "赢率 成交概率 可能性 成功率 probability winprobability"},
    ColumnWords{"opportunity", "need", "需求 客户需求 痛点 need needs requirement requirements"},
    ColumnWords{"", "mobile",
                "手机 手机号 手机号码 移动电话 联系手机 联系方式 电话号码 手机电话 行动电话 mobile "
                "mobilephone cell cellphone mobilenumber phone1value"},
    ColumnWords{"", "phone",
                "电话 联系电话 固定电话 固话 座机 座机号码 办公电话 公司电话 电话号码 总机 phone "
                "telephone tel phonenumber businessphone workphone officephone"},
    ColumnWords{
        "", "email",
        "邮箱 电子邮箱 邮箱地址 电子邮件 邮件 email emailaddress mail primaryemail email1value"},
    ColumnWords{"", "wechat", "微信 微信号 weixin wechat wechatid wx"},
    ColumnWords{"", "title", "职务 职位 岗位 头衔 职称 title jobtitle position organization1title"},
    ColumnWords{"", "department_name", "部门 所在部门 department"},
    ColumnWords{"", "sex", "性别 gender sex"},
    ColumnWords{"", "birthday", "生日 出生日期 birthday birthdate dateofbirth"},
    ColumnWords{
        "", "website",
        "网址 网站 官网 公司网址 主页 网站地址 website homepage url web site companydomainname"},
    ColumnWords{"", "industry", "行业 所属行业 行业类别 industry sector"},
    ColumnWords{
        "", "source",
        "来源 客户来源 线索来源 渠道 来源渠道 获客渠道 source leadsource channel originalsource"},
    ColumnWords{"", "level", "级别 客户级别 等级 客户等级 level grade rating tier"},
    ColumnWords{"", "size",
                "规模 人员规模 公司规模 员工人数 size companysize numberofemployees employees"},
    ColumnWords{"", "kind", "客户类型 类型 性质 企业性质 type customertype accounttype"},
    ColumnWords{"", "uscc",
                "统一社会信用代码 信用代码 社会信用代码 税号 纳税人识别号 uscc taxid creditcode"},
    ColumnWords{"", "annual_revenue", "年营业额 营业额 年收入 年销售额 annualrevenue revenue"},
    ColumnWords{"", "region_id",
                "地区 区域 省份 省 省市 省市区 城市 市 区县 所在地 所在地区 所在城市 区 县 "
                "province city district region"},
    ColumnWords{
        "", "address",
        "地址 详细地址 公司地址 联系地址 通讯地址 办公地址 街道 address street billingstreet "
        "billingcity billingstate mailingstreet mailingcity address1 streetaddress"},
    ColumnWords{"", "description",
                "备注 说明 描述 备注信息 简介 客户简介 公司简介 其他 remark remarks note notes "
                "comment comments description memo"},
    ColumnWords{"", "tag_ids", "标签 客户标签 tag tags label labels"},
    ColumnWords{"", "status", "状态 客户状态 线索状态 status leadstatus"},
    ColumnWords{"", "owner_id",
                "负责人 销售 业务员 销售人员 跟进人 归属人 所有人 客户经理 业务经理 owner ownerid "
                "ownername salesrep salesperson assignedto assignee"},
    ColumnWords{"", "pool_id", "公海 线索池 池 pool"},
    ColumnWords{
        "", "next_contact_at",
        "下次联系时间 下次跟进时间 下次跟进 下次联系 nextcontact nextfollowup followupdate"},
    ColumnWords{"", "product_interest", "意向产品 产品 需求产品 product productinterest"},
    ColumnWords{"", "currency", "币种 货币 currency currencycode currencyisocode"},
    ColumnWords{"", "campaign_id", "市场活动 活动 campaign"},
    ColumnWords{"", "competitor_ids", "竞争对手 竞品 competitor competitors"},
    ColumnWords{"", "parent_account_id",
                "上级客户 母公司 集团 上级集团 parentaccount parent parentcompany parentid"},
    ColumnWords{"", "former_names", "曾用名 formername"},
    ColumnWords{"", "created_at",
                "创建时间 创建日期 录入时间 登记时间 建档日期 created createdat createddate "
                "createdate createtime creationtime createdon"},
    ColumnWords{"", "created_by", "创建人 录入人 建立人 createdby createdbyid creator"},
    ColumnWords{"", "code", "编号 客户编号 线索编号 商机编号 code"},
    ColumnWords{"", "external_id",
                "id 外部编号 外部id 原编号 原系统编号 原系统id recordid externalid objectid 客户id "
                "线索id 商机id 联系人id"},
};

}  // namespace kehai::platform
