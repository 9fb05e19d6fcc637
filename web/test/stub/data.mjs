// About five hundred records that look like those of a Chinese sales team. Always the same ones.

let seed = 20261121;
const random = () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 4294967296;
};
const pick = (list) => list[Math.floor(random() * list.length)];
const between = (low, high) => low + Math.floor(random() * (high - low + 1));
const pad = (value, size) => String(value).padStart(size, '0');

const cities = [
  ['北京', 110000],
  ['上海', 310000],
  ['杭州', 330100],
  ['苏州', 320500],
  ['深圳', 440300],
  ['广州', 440100],
  ['成都', 510100],
  ['武汉', 420100],
  ['南京', 320100],
  ['厦门', 350200],
];
const first = [
  '嘉',
  '恒',
  '启',
  '锐',
  '云',
  '诚',
  '盛',
  '博',
  '远',
  '立',
  '明',
  '海',
  '腾',
  '泰',
  '华',
  '晟',
  '信',
  '凌',
];
const second = ['云', '科', '智', '信', '达', '远', '诚', '源', '联', '创', '新', '博', '方', '和'];
const fields = [
  ['科技', 'it'],
  ['信息技术', 'it'],
  ['智能制造', 'manufacturing'],
  ['医疗器械', 'health'],
  ['新能源', 'energy'],
  ['建筑工程', 'construction'],
  ['教育咨询', 'education'],
  ['餐饮管理', 'catering'],
  ['供应链管理', 'retail'],
  ['融资租赁', 'finance'],
];
const surnames = '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗'.split('');
const given = [
  '雨桐',
  '子轩',
  '浩然',
  '思远',
  '晓彤',
  '嘉豪',
  '敏',
  '建国',
  '丽华',
  '志强',
  '婷婷',
  '俊杰',
  '欣怡',
  '明哲',
  '佳琪',
  '国栋',
  '雅婷',
  '文博',
  '静',
  '磊',
];
const titles = [
  '总经理',
  '采购经理',
  '信息部主任',
  '副总裁',
  '运营总监',
  '财务经理',
  '项目经理',
  '技术总监',
  '行政主管',
];
const products = [
  'CRM 采购',
  '数据中台一期',
  '产线升级',
  '年度维保',
  '系统续约',
  '会员系统',
  '移动办公',
  '仓储改造',
  '智能客服',
];
const notes = [
  '电话沟通了现有系统的痛点，对方希望月底前看到报价。',
  '约好周四上门演示，重点看审批和移动端。',
  '对方说预算已报上去，等总部批复，下周再联系。',
  '加了微信，发了产品资料和两个同行业案例。',
  '未接通，发了短信，明天上午再打。',
  '客户担心数据迁移，已承诺提供迁移方案和试迁移。',
  '和技术总监过了一遍接口清单，没有大的障碍。',
  '竞品报价低 15%，需要申请折扣。',
];

const now = Date.now();
const day = 86400000;
const iso = (time) => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
const date = (time) => new Date(time + 8 * 3600000).toISOString().slice(0, 10);
const mobile = () =>
  `1${pick(['38', '39', '58', '86', '77', '50'])}${pad(between(0, 99999999), 8)}`;
const person = () => pick(surnames) + pick(given);

export const users = [
  '陈思远',
  '王雨桐',
  '李嘉豪',
  '赵敏',
  '周子轩',
  '吴晓彤',
  '刘建国',
  '黄欣怡',
].map((name, index) => ({
  id: index + 1,
  name,
  login: [
    'chensiyuan',
    'wangyutong',
    'lijiahao',
    'zhaomin',
    'zhouzixuan',
    'wuxiaotong',
    'liujianguo',
    'huangxinyi',
  ][index],
  department_id: index < 1 ? 1 : 2 + (index % 3),
  superior_id: index === 0 ? null : 1,
  active: index !== 7,
  role_ids: [index === 0 ? 1 : 2],
  mobile: mobile(),
  email: null,
}));
const owner = () => pick([1, 1, 2, 3, 4, 5, 6]);

function company() {
  const [city, region] = pick(cities);
  const [field, industry] = pick(fields);
  return {
    name: `${city}${pick(first)}${pick(second)}${field}有限公司`,
    region_id: region,
    industry,
  };
}

let nextId = 10000;
export const newId = () => ++nextId;
const common = (age) => {
  const created = now - age;
  return {
    created_by: owner(),
    created_at: iso(created),
    updated_at: iso(created + random() * age),
    version: 1,
    deleted: false,
  };
};

export const regions = [
  { id: 110000, name: '北京市', parent_id: null, level: 1 },
  { id: 310000, name: '上海市', parent_id: null, level: 1 },
  { id: 330000, name: '浙江省', parent_id: null, level: 1 },
  { id: 330100, name: '杭州市', parent_id: 330000, level: 2 },
  { id: 320000, name: '江苏省', parent_id: null, level: 1 },
  { id: 320500, name: '苏州市', parent_id: 320000, level: 2 },
  { id: 320100, name: '南京市', parent_id: 320000, level: 2 },
  { id: 440000, name: '广东省', parent_id: null, level: 1 },
  { id: 440300, name: '深圳市', parent_id: 440000, level: 2 },
  { id: 440100, name: '广州市', parent_id: 440000, level: 2 },
  { id: 510000, name: '四川省', parent_id: null, level: 1 },
  { id: 510100, name: '成都市', parent_id: 510000, level: 2 },
  { id: 420000, name: '湖北省', parent_id: null, level: 1 },
  { id: 420100, name: '武汉市', parent_id: 420000, level: 2 },
  { id: 350000, name: '福建省', parent_id: null, level: 1 },
  { id: 350200, name: '厦门市', parent_id: 350000, level: 2 },
];

export const stages = [
  ['初步接触', 10, 'open', 'grey'],
  ['需求确认', 30, 'open', 'blue'],
  ['方案制定', 50, 'open', 'purple'],
  ['商务谈判', 70, 'open', 'orange'],
  ['合同签署', 90, 'open', 'cyan'],
  ['赢单', 100, 'won', 'green'],
  ['输单', 0, 'lost', 'red'],
  ['无效', 0, 'invalid', 'grey'],
].map(([name, probability, kind, color], index) => ({
  id: index + 1,
  pipeline_id: 1,
  name,
  probability,
  kind,
  color,
  position: index + 1,
  rotting_days: 14,
  version: 1,
}));

export function build() {
  const tables = {
    users: users.map((user) => ({ ...user, version: 1, created_at: iso(now - 400 * day) })),
    departments: [
      { id: 1, name: '总经办', parent_id: null, head_id: 1 },
      { id: 2, name: '华东销售部', parent_id: 1, head_id: 2 },
      { id: 3, name: '华南销售部', parent_id: 1, head_id: 3 },
      { id: 4, name: '大客户部', parent_id: 1, head_id: 4 },
    ].map((row) => ({ ...row, version: 1 })),
    roles: [
      { id: 1, name: 'admin', label: 'CRM 管理员' },
      { id: 2, name: 'sales', label: '销售' },
      { id: 3, name: 'manager', label: '销售经理' },
    ].map((row) => ({ ...row, version: 1 })),
    pipelines: [
      { id: 1, name: '标准销售流程', is_default: true, version: 1 },
      { id: 2, name: '渠道销售流程', is_default: false, version: 1 },
    ],
    stages: [
      ...stages,
      {
        id: 11,
        pipeline_id: 2,
        name: '渠道报备',
        probability: 20,
        kind: 'open',
        color: 'blue',
        position: 1,
        version: 1,
      },
      {
        id: 12,
        pipeline_id: 2,
        name: '渠道赢单',
        probability: 100,
        kind: 'won',
        color: 'green',
        position: 2,
        version: 1,
      },
      {
        id: 13,
        pipeline_id: 2,
        name: '渠道输单',
        probability: 0,
        kind: 'lost',
        color: 'red',
        position: 3,
        version: 1,
      },
    ],
    pools: [
      {
        id: 1,
        name: '默认线索池',
        kind: 'lead',
        enabled: true,
        daily_limit: 20,
        freeze_days: 0,
        cooldown_days: 3,
        is_default: true,
        admin_user_ids: [1],
        member_user_ids: [1, 2, 3, 4],
        member_department_ids: [2],
        version: 1,
      },
      {
        id: 2,
        name: '全国公海',
        kind: 'account',
        enabled: true,
        daily_limit: 10,
        freeze_days: 1,
        cooldown_days: 30,
        is_default: true,
        admin_user_ids: [1],
        member_user_ids: [1, 2, 3, 4, 5],
        member_department_ids: [],
        version: 1,
      },
      {
        id: 3,
        name: '华东公海',
        kind: 'account',
        enabled: true,
        daily_limit: 10,
        freeze_days: 1,
        cooldown_days: 30,
        is_default: false,
        admin_user_ids: [2],
        member_user_ids: [1, 2],
        member_department_ids: [2],
        version: 1,
      },
    ],
    leads: [],
    accounts: [],
    contacts: [],
    opportunities: [],
    activities: [],
    tasks: [],
    notifications: [],
    imports: [],
    tags: [],
    competitors: [],
    campaigns: [],
    capacity_rules: [],
  };
  for (let i = 0; i < 160; i++) {
    const base = common(between(1, 120) * day);
    const pooled = random() < 0.2;
    const status = pooled
      ? 'unassigned'
      : pick(['pending', 'pending', 'following', 'following', 'following', 'invalid', 'converted']);
    tables.leads.push({
      id: newId(),
      ...company(),
      ...base,
      company: '',
      name: person(),
      mobile: mobile(),
      phone: null,
      email: random() < 0.4 ? `contact${i}@example.cn` : null,
      wechat: null,
      title: pick(titles),
      status,
      source: pick(['web', 'exhibition', 'referral', 'phone', 'campaign', 'purchased']),
      score: between(20, 98),
      owner_id: pooled ? null : owner(),
      pool_id: pooled ? 1 : null,
      last_activity_at:
        status === 'pending' || pooled
          ? null
          : iso(now - between(0, 30) * day - between(0, 9) * 3600000),
      next_contact_at: random() < 0.4 ? iso(now + between(-3, 10) * day) : null,
      description: null,
    });
    const row = tables.leads.at(-1);
    const { name } = company();
    row.company = name;
  }
  const taken = new Set();
  for (let i = 0; i < 120; i++) {
    let firm = company();
    while (taken.has(firm.name)) firm = company();
    taken.add(firm.name);
    const pooled = random() < 0.2;
    const status = pick(['prospect', 'prospect', 'intent', 'intent', 'won', 'won', 'lost']);
    tables.accounts.push({
      id: newId(),
      ...firm,
      ...common(between(1, 300) * day),
      level: pick(['A', 'B', 'B', 'C', 'C', 'D']),
      status,
      uscc: null,
      source: pick(['web', 'exhibition', 'referral', 'campaign']),
      phone: `0${between(10, 99)}-${pad(between(0, 99999999), 8)}`,
      website: random() < 0.4 ? `https://www.example${i}.cn` : null,
      address:
        random() < 0.6 ? `${firm.name.slice(0, 2)}市高新区科技路 ${between(1, 299)} 号` : null,
      employees: between(10, 900),
      tags: ['key', 'renewal', 'high'].filter(() => random() < 0.25),
      owner_id: pooled ? null : owner(),
      pool_id: pooled ? pick([2, 2, 3]) : null,
      won_amount: status === 'won' ? between(20, 900) * 1000 : null,
      last_activity_at: random() < 0.8 ? iso(now - between(0, 60) * day) : null,
      next_contact_at: random() < 0.3 ? iso(now + between(-2, 12) * day) : null,
      description: null,
    });
  }
  for (const account of tables.accounts) {
    for (let n = between(0, 2); n >= 0; n--) {
      tables.contacts.push({
        id: newId(),
        ...common(between(1, 200) * day),
        name: person(),
        account_id: account.id,
        title: pick(titles),
        department: null,
        decision_role: pick(['decider', 'evaluator', 'influencer', 'user', 'gatekeeper', null]),
        mobile: mobile().replace(/^(\d{3})\d{4}/, '$1****'),
        email: null,
        wechat: null,
        is_primary: n === 0,
        birthday: null,
        owner_id: account.owner_id,
        last_activity_at: account.last_activity_at,
      });
    }
  }
  for (let i = 0; i < 90; i++) {
    const account = pick(tables.accounts.filter((row) => row.owner_id));
    const stage = pick([
      ...stages.slice(0, 5),
      ...stages.slice(0, 4),
      stages[5],
      stages[5],
      stages[6],
    ]);
    tables.opportunities.push({
      id: newId(),
      ...common(between(1, 150) * day),
      name: `${account.name.slice(2, 4)}${pick(products)}`,
      account_id: account.id,
      amount: between(2, 99) * 10000 + between(0, 9) * 1000,
      currency: 'CNY',
      pipeline_id: 1,
      stage_id: stage.id,
      status: stage.kind,
      probability: stage.probability,
      expected_close_date: date(now + between(-20, 90) * day),
      level: pick(['A', 'B', 'C', 'D']),
      owner_id: account.owner_id,
      last_activity_at: iso(now - between(0, 20) * day),
      next_contact_at: random() < 0.5 ? iso(now + between(-3, 9) * day) : null,
      description: null,
    });
  }
  const targets = [
    ...tables.leads.filter((row) => row.owner_id).map((row) => ['lead', row]),
    ...tables.accounts.map((row) => ['account', row]),
    ...tables.opportunities.map((row) => ['opportunity', row]),
  ];
  for (let i = 0; i < 220; i++) {
    const [object, row] = pick(targets);
    const at = iso(now - between(0, 40) * day - between(0, 36000) * 1000);
    tables.activities.push({
      id: newId(),
      version: 1,
      content: pick(notes),
      method: pick(['phone', 'phone', 'wechat', 'visit', 'email']),
      outcome: pick(['interested', 'considering', 'no_answer', 'rejected', null]),
      happened_at: at,
      created_at: at,
      updated_at: at,
      next_contact_at: random() < 0.4 ? iso(now + between(0, 9) * day) : null,
      owner_id: row.owner_id ?? 1,
      created_by: row.owner_id ?? 1,
      target_object: object,
      target_id: row.id,
    });
  }
  for (let i = 0; i < 24; i++) {
    const account = pick(tables.accounts.filter((row) => row.owner_id));
    tables.tasks.push({
      id: newId(),
      ...common(between(1, 20) * day),
      title: pick([
        '电话回访',
        '发送报价单',
        '准备演示环境',
        '确认合同条款',
        '预约上门拜访',
        '催办验收',
      ]),
      due_at: iso(now + between(-40, 60) * 3600000),
      priority: pick(['high', 'normal', 'normal', 'low']),
      status: pick(['open', 'open', 'open', 'done']),
      account_id: account.id,
      lead_id: null,
      opportunity_id: null,
      owner_id: pick([1, 1, 2, 3]),
      description: null,
    });
  }
  const kinds = [
    ['assigned', '王雨桐 把线索「苏州启达科技有限公司」分配给了你', 'lead'],
    ['warning', '客户「杭州恒信新能源有限公司」3 天后将被回收到公海', 'account'],
    ['due', '任务「发送报价单」今天到期', 'task'],
    ['stage', '商机「数据中台一期」进入商务谈判', 'opportunity'],
  ];
  kinds.forEach(([kind, text, object], index) => {
    const table = {
      lead: 'leads',
      account: 'accounts',
      task: 'tasks',
      opportunity: 'opportunities',
    }[object];
    tables.notifications.push({
      id: newId(),
      version: 1,
      kind,
      text,
      object,
      record_id: tables[table][index].id,
      read_at: index > 1 ? iso(now - day) : null,
      created_at: iso(now - index * 5 * 3600000 - 600000),
    });
  });
  return tables;
}
