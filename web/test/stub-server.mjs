// A stand-in for the real server, in memory, following docs/dev/api.md closely enough to develop and
// test the web UI. `node test/stub-server.mjs [--port 8420] [--dist dist] [--setup]`.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, newId, regions } from './stub/data.mjs';
import { compile } from './stub/filter.mjs';
import { metaFor, objects, picklists, word } from './stub/model.mjs';

const mime = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:";

class Refusal extends Error {
  constructor(status, code, title, extra = {}) {
    super(title);
    Object.assign(this, { status, code, title, extra });
  }
}
const titleFields = Object.fromEntries(
  objects.map((object) => [object.collection, object.title_field]),
);
const byCollection = Object.fromEntries(objects.map((object) => [object.collection, object]));
const byName = Object.fromEntries(objects.map((object) => [object.name, object]));
const nowText = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

export function createStub({ dist = null, setup = false, signedIn = false } = {}) {
  const tables = build();
  const streams = new Set();
  const state = { setup, signedIn, language: 'zh-CN', theme: 'light', tokens: [], log: new Map() };

  const session = () => ({
    user: {
      id: 1,
      login: 'chensiyuan',
      name: '陈思远',
      language: state.language,
      theme: state.theme,
      department: { id: 1, name: '总经办' },
      roles: [{ name: 'admin', label: 'CRM 管理员' }],
      is_admin: true,
    },
    csrf_token: 'stub',
    organisation: { name: '上海尚祈科技', time_zone: 'Asia/Shanghai', currency: 'CNY' },
  });
  const emit = (name, data) => {
    for (const stream of streams) stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const find = (collection, id) => {
    const row = tables[collection]?.find((candidate) => candidate.id === id && !candidate.deleted);
    if (!row) throw new Refusal(404, 'record.not_found', '记录不存在或你无权查看');
    return row;
  };
  const titleOf = (collection, id) => {
    if (collection === 'regions') return regions.find((region) => region.id === id)?.name ?? null;
    const row = tables[collection]?.find((candidate) => candidate.id === id);
    return row ? row[titleFields[collection] ?? 'name'] : null;
  };
  const collectionOf = (field) =>
    ({ user: 'users', department: 'departments', region: 'regions' })[field.type] ??
    byName[field.target]?.collection;
  const entity = (collection, row, select, expand) => {
    const { version, deleted, ...rest } = row;
    const out = { '@odata.etag': `W/"${version ?? 1}"`, id: row.id };
    for (const [key, value] of Object.entries(rest))
      if (!select || select.has(key)) out[key] = value;
    for (const navigation of expand ?? []) {
      const field = byCollection[collection]?.fields.find(
        (candidate) => candidate.name === `${navigation}_id`,
      );
      if (!field) continue;
      const id = row[field.name];
      const target = collectionOf(field);
      out[navigation] =
        id == null ? null : { id, [titleFields[target] ?? 'name']: titleOf(target, id) };
    }
    return out;
  };
  const read = (row, path) => {
    const [name, inner] = path.split('/');
    if (!inner) return row[name] ?? null;
    return tables.accounts.find((candidate) => candidate.id === row[`${name}_id`])?.[inner] ?? null;
  };
  const context = () => ({
    me: 1,
    today: new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10),
    now: nowText(),
    read,
  });
  const filtered = (rows, filter) => {
    if (!filter) return rows;
    try {
      const test = compile(filter, context());
      return rows.filter(test);
    } catch (error) {
      throw new Refusal(400, 'query.syntax', `筛选条件有误：${error.message}`, {
        position: error.position ?? 0,
      });
    }
  };
  const searched = (rows, text) => {
    if (!text) return rows;
    const needle = text.toLowerCase();
    return rows.filter((row) =>
      Object.values(row).some(
        (value) => typeof value === 'string' && value.toLowerCase().includes(needle),
      ),
    );
  };
  const sorted = (rows, orderby) => {
    if (!orderby) return rows;
    const terms = orderby.split(',').map((term) => term.trim().split(/\s+/));
    return rows.toSorted((a, b) => {
      for (const [name, direction] of terms) {
        const x = a[name] ?? null,
          y = b[name] ?? null;
        if (x === y) continue;
        const order =
          x === null
            ? -1
            : y === null
              ? 1
              : typeof x === 'string'
                ? x.localeCompare(y, 'zh')
                : x - y;
        return direction === 'desc' ? -order : order;
      }
      return b.id - a.id;
    });
  };

  function list(collection, query, fixed) {
    const deleted = query.get('deleted') === 'true';
    let rows = (fixed ?? tables[collection]).filter((row) => Boolean(row.deleted) === deleted);
    rows = searched(filtered(rows, query.get('$filter')), query.get('$search'));
    rows = sorted(rows, query.get('$orderby'));
    const top = Math.min(Number(query.get('$top') ?? 50), 500);
    const start = Number(query.get('$skiptoken') ?? query.get('$skip') ?? 0);
    const select = query.get('$select') ? new Set(query.get('$select').split(',')) : null;
    const expand = (query.get('$expand') ?? '')
      .split(/,(?![^(]*\))/)
      .filter(Boolean)
      .map((part) => part.split('(')[0]);
    const answer = {
      '@odata.context': `/api/v1/$metadata#${collection}`,
      value: rows.slice(start, start + top).map((row) => entity(collection, row, select, expand)),
    };
    if (query.get('$count') === 'true') {
      answer['@odata.count'] = rows.length;
      answer['@kehai.count'] = { value: rows.length, exact: true };
    }
    if (start + top < rows.length) {
      const next = new URLSearchParams(query);
      next.set('$skiptoken', String(start + top));
      answer['@odata.nextLink'] = `/api/v1/${collection}?${next}`;
    }
    return answer;
  }

  const keep = (collection, row, kind) => {
    row.version = (row.version ?? 0) + 1;
    row.updated_at = nowText();
    emit('record', {
      object: byCollection[collection]?.name ?? collection,
      id: row.id,
      version: row.version,
      kind,
    });
  };
  const record = (collection, id, entry) => {
    const key = `${collection}/${id}`;
    state.log.set(key, [
      { at: nowText(), by: { id: 1, name: '陈思远' }, ...entry },
      ...(state.log.get(key) ?? []),
    ]);
  };
  const display = (field, value) => {
    if (value == null || value === '') return null;
    if (field?.list || field?.options)
      return word(
        (field.list ? picklists[field.list] : field.options).find((o) => o.value === value)
          ?.label ?? String(value),
        state.language,
      );
    const target = field && collectionOf(field);
    return target ? titleOf(target, value) : String(value);
  };
  const validate = (object, values, partial) => {
    const fields = [];
    for (const field of object?.fields ?? []) {
      const value = values[field.name];
      if (
        field.required &&
        !field.read_only &&
        (partial
          ? field.name in values && (value == null || value === '')
          : value == null || value === '')
      )
        fields.push({
          field: field.name,
          code: 'field.required',
          message: `请填写${word(field.label, state.language)}`,
        });
      if (field.type === 'phone' && value && !/^[\d+()\- *]{5,}$/.test(value))
        fields.push({ field: field.name, code: 'field.phone', message: '手机号格式不对' });
      if (field.type === 'email' && value && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value))
        fields.push({ field: field.name, code: 'field.email', message: '邮箱格式不对' });
    }
    if (fields.length) throw new Refusal(422, 'record.invalid', '请检查标出的字段', { fields });
  };

  function duplicates({ object, values, id }) {
    const core = (name) =>
      String(name ?? '').replace(/\s|股份有限公司|有限责任公司|有限公司|集团|公司/g, '');
    const name = values.company ?? values.name;
    const hits = [];
    for (const [kind, rows, field] of [
      ['account', tables.accounts, 'name'],
      ['lead', tables.leads, 'company'],
    ]) {
      for (const row of rows) {
        if (kind === object && row.id === id) continue;
        const exact =
          (values.mobile && row.mobile === values.mobile) || (name && row[field] === name);
        const near = name && core(name).length > 1 && core(row[field]) === core(name);
        const fuzzy =
          name && core(name).length > 3 && core(row[field]).startsWith(core(name).slice(0, 4));
        if (!exact && !near && !fuzzy) continue;
        const pool = row.pool_id != null;
        hits.push({
          tier: exact ? 'E' : near ? 'N' : 'F',
          object: kind,
          object_label: word(byName[kind].label, state.language),
          id: row.id,
          name: row[field],
          visible: true,
          matched: [values.mobile && row.mobile === values.mobile ? 'mobile' : field],
          evidence: [exact ? '完全相同' : near ? '去掉“有限公司”后相同' : '名称相近'],
          score: exact ? 10000 : near ? 9500 : 8000,
          state: pool ? 'pool' : 'owned',
          owner: pool ? null : titleOf('users', row.owner_id),
          owner_text: pool ? '' : '已有负责人',
          last_activity_on: row.last_activity_at?.slice(0, 10) ?? null,
          won: row.status === 'won',
          actions: pool ? ['open', 'claim'] : ['open'],
        });
      }
    }
    hits.sort((a, b) => b.score - a.score);
    return {
      verdict: hits.some((hit) => hit.tier === 'E')
        ? 'block'
        : hits.some((hit) => hit.tier === 'N')
          ? 'warn'
          : 'none',
      hits: hits.slice(0, 5),
    };
  }

  function create(collection, body) {
    const object = byCollection[collection];
    const { duplicate_reason: because, ...values } = body;
    validate(object, values, false);
    if (object && ['lead', 'account'].includes(object.name)) {
      const found = duplicates({ object: object.name, values, id: null });
      if (found.verdict === 'block')
        throw new Refusal(409, 'duplicate.blocked', '已有相同的记录', { hits: found.hits });
      if (found.verdict === 'warn' && !because)
        throw new Refusal(409, 'duplicate.needs_reason', '可能重复，请填写原因', {
          hits: found.hits,
        });
    }
    const defaults =
      {
        leads: { status: 'pending' },
        tasks: { status: 'open' },
        opportunities: {
          status: 'open',
          pipeline_id: 1,
          stage_id: 1,
          probability: 10,
          currency: 'CNY',
        },
        accounts: { status: 'prospect' },
      }[collection] ?? {};
    const row = {
      ...defaults,
      owner_id: 1,
      pool_id: null,
      created_by: 1,
      created_at: nowText(),
      updated_at: nowText(),
      ...values,
      id: newId(),
      version: 0,
      deleted: false,
    };
    tables[collection].push(row);
    keep(collection, row, 'created');
    if (collection === 'activities') {
      row.happened_at ??= nowText();
      row.target_object = ['lead', 'opportunity', 'contact', 'account'].find(
        (name) => row[`${name}_id`],
      );
      row.target_id = row[`${row.target_object}_id`];
      const target = tables[byName[row.target_object]?.collection]?.find(
        (candidate) => candidate.id === row.target_id,
      );
      if (target) {
        target.last_activity_at = nowText();
        if (row.next_contact_at) target.next_contact_at = row.next_contact_at;
        if (target.status === 'pending') target.status = 'following';
        keep(byName[row.target_object].collection, target, 'updated');
      }
    } else record(collection, row.id, { kind: 'create' });
    return row;
  }

  function act(collection, row, name, input) {
    const stageOf = (id) => tables.stages.find((stage) => stage.id === id);
    const setStage = (stage, reason) => {
      const from = stageOf(row.stage_id)?.name;
      Object.assign(row, {
        stage_id: stage.id,
        status: stage.kind,
        probability: stage.probability,
      });
      record(collection, row.id, { kind: 'stage', from, to: stage.name, reason: reason ?? null });
    };
    const kindStage = (kind) =>
      tables.stages.find((stage) => stage.pipeline_id === row.pipeline_id && stage.kind === kind);
    const toOwner = (id, reason) => {
      record(collection, row.id, {
        kind: 'owner',
        from: titleOf('users', row.owner_id) ?? titleOf('pools', row.pool_id),
        to: titleOf('users', id) ?? '公海',
        reason: reason ?? null,
      });
      row.owner_id = id;
    };
    if (name === 'claim') {
      if (row.pool_id == null) throw new Refusal(409, 'pool.taken', '该记录已被王雨桐领取');
      toOwner(1);
      row.pool_id = null;
      if (collection === 'leads') row.status = 'pending';
    } else if (name === 'transfer') toOwner(input.owner_id);
    else if (name === 'return') {
      toOwner(null, input.reason);
      row.pool_id = collection === 'leads' ? 1 : 2;
      if (collection === 'leads') row.status = 'unassigned';
    } else if (name === 'move_stage') {
      const stage = stageOf(input.stage_id);
      if (stage.kind === 'lost' && !input.reason)
        throw new Refusal(422, 'record.invalid', '请填写输单原因', {
          fields: [{ field: 'reason', code: 'field.required', message: '请选择原因' }],
        });
      setStage(stage, input.reason);
    } else if (name === 'win') setStage(kindStage('won'), input.note);
    else if (name === 'lose') setStage(kindStage('lost'), input.reason);
    else if (name === 'invalidate') {
      if (collection === 'leads') row.status = 'invalid';
      else setStage(kindStage('invalid'), input.reason);
    } else if (name === 'reopen') {
      if (collection === 'tasks') row.status = 'open';
      else
        setStage(
          tables.stages.find(
            (stage) => stage.pipeline_id === row.pipeline_id && stage.kind === 'open',
          ),
          input.reason,
        );
    } else if (name === 'complete') row.status = 'done';
    else if (name === 'deactivate') row.active = false;
    else if (name === 'activate') row.active = true;
    else if (name === 'convert') {
      const account = input.account_id
        ? find('accounts', input.account_id)
        : create('accounts', {
            name: input.account_name ?? row.company,
            industry: row.industry,
            source: row.source,
            duplicate_reason: 'convert',
          });
      row.status = 'converted';
      row.account_id = account.id;
      if (input.opportunity_name)
        row.opportunity_id = create('opportunities', {
          name: input.opportunity_name,
          account_id: account.id,
          amount: input.amount ?? 0,
          expected_close_date: nowText().slice(0, 10),
        }).id;
      record(collection, row.id, { kind: 'action', action: 'convert', label: '转换' });
    } else if (name === 'restore') row.deleted = false;
    else if (name === 'reset_password') return row;
    else throw new Refusal(404, 'action.unknown', '没有这个操作');
    keep(collection, row, 'updated');
    return row;
  }

  function timeline(collection, id, before) {
    const object = byCollection[collection];
    const row = tables[collection].find((candidate) => candidate.id === id);
    const name = (userId) => ({ id: userId, name: titleOf('users', userId) });
    const entries = [
      ...(state.log.get(`${collection}/${id}`) ?? []),
      ...tables.activities
        .filter((activity) => activity.target_object === object.name && activity.target_id === id)
        .map((activity) => ({
          kind: 'activity',
          at: activity.happened_at,
          by: name(activity.owner_id),
          activity: {
            id: activity.id,
            method: activity.method,
            content: activity.content,
            outcome: activity.outcome,
            next_contact_at: activity.next_contact_at,
            target_object: object.name,
            target_id: id,
            version: activity.version,
            editable: activity.owner_id === 1,
          },
        })),
      { kind: 'create', at: row.created_at, by: name(row.created_by) },
    ].toSorted((a, b) => (a.at < b.at ? 1 : -1));
    const start = Number(before ?? 0);
    return {
      value: entries.slice(start, start + 20),
      next: start + 20 < entries.length ? String(start + 20) : null,
    };
  }

  function workbench(scope) {
    const mine = (row) => scope !== 'me' || row.owner_id === 1;
    const open = tables.opportunities.filter((row) => mine(row) && row.status === 'open');
    const won = tables.opportunities.filter((row) => mine(row) && row.status === 'won');
    const sum = (rows) => rows.reduce((total, row) => total + row.amount, 0);
    const funnelStages = tables.stages.filter(
      (stage) => stage.pipeline_id === 1 && ['open', 'won'].includes(stage.kind),
    );
    let reached = tables.opportunities.filter(mine);
    let previous = null;
    const funnel = funnelStages.map((stage, index) => {
      const rows = reached.filter(
        (row) => row.status === 'won' || row.stage_id >= stage.id || row.id % 9 > index,
      );
      const conversion =
        previous === null || previous === 0
          ? null
          : Math.round((rows.length / previous) * 1000) / 10;
      previous = rows.length;
      reached = rows;
      return {
        stage_id: stage.id,
        name: stage.name,
        count: rows.length,
        amount: sum(rows),
        conversion_percent: conversion,
        kind: stage.kind,
      };
    });
    const months = Array.from({ length: 12 }, (_, index) => {
      const date = new Date();
      date.setUTCDate(1);
      date.setUTCMonth(date.getUTCMonth() - 11 + index);
      return date.toISOString().slice(0, 7);
    });
    const trend = months.map((month, index) => ({
      month,
      won_amount:
        [62, 54, 88, 97, 91, 130, 121, 142, 156, 163, 181, 134][index] *
        (scope === 'me' ? 10000 : 40000),
      won_count: [2, 2, 3, 4, 3, 5, 4, 5, 6, 6, 7, 5][index],
    }));
    return {
      as_of: nowText(),
      scope,
      scopes: ['me', 'department', 'all'],
      figures: [
        { name: 'new_leads', value: 46, unit: 'count', previous: 41, change_percent: 12.2 },
        { name: 'new_accounts', value: 18, unit: 'count', previous: 18, change_percent: 0 },
        {
          name: 'open_amount',
          value: sum(open),
          unit: 'money',
          previous: sum(open) * 0.94,
          change_percent: 6.1,
        },
        {
          name: 'won_amount',
          value: sum(won),
          unit: 'money',
          previous: sum(won) * 1.03,
          change_percent: -3.2,
        },
      ],
      tasks: tables.tasks
        .filter((row) => row.owner_id === 1 && row.status === 'open')
        .toSorted((a, b) => (a.due_at < b.due_at ? -1 : 1))
        .slice(0, 8)
        .map((row) => ({
          id: row.id,
          title: row.title,
          due_at: row.due_at,
          overdue: row.due_at < nowText(),
          object: 'account',
          record_id: row.account_id,
          record_title: titleOf('accounts', row.account_id),
        })),
      calls: tables.leads
        .filter((row) => row.owner_id === 1 && row.next_contact_at)
        .slice(0, 6)
        .map((row) => ({
          object: 'lead',
          id: row.id,
          title: row.company,
          contact: row.name,
          phone: row.mobile,
          reason: row.next_contact_at < nowText() ? '已过约定时间' : '今天约好联系',
          next_contact_at: row.next_contact_at,
        })),
      funnel,
      trend,
      ranking: [2, 1, 3, 4, 5].map((id, index) => ({
        user_id: id,
        name: titleOf('users', id),
        won_amount: [2860000, 2410000, 1930000, 1208000, 640000][index],
        won_count: [9, 7, 6, 4, 2][index],
      })),
      recent: tables.activities
        .toSorted((a, b) => (a.happened_at < b.happened_at ? 1 : -1))
        .slice(0, 8)
        .map((row) => ({
          kind: 'activity',
          at: row.happened_at,
          by: { id: row.owner_id, name: titleOf('users', row.owner_id) },
          object: row.target_object,
          record_id: row.target_id,
          record_title: titleOf(byName[row.target_object].collection, row.target_id),
          activity: {
            id: row.id,
            method: row.method,
            content: row.content,
            outcome: row.outcome,
            next_contact_at: row.next_contact_at,
          },
        })),
    };
  }

  function board(query) {
    const pipeline = tables.pipelines.find(
      (row) => row.id === Number(query.get('pipeline_id') ?? 1),
    );
    let rows = tables.opportunities.filter(
      (row) =>
        row.pipeline_id === pipeline.id &&
        !row.deleted &&
        (query.get('owner') !== 'me' || row.owner_id === 1),
    );
    rows = searched(filtered(rows, query.get('$filter')), query.get('$search'));
    return {
      pipeline: { id: pipeline.id, name: pipeline.name },
      columns: tables.stages
        .filter((stage) => stage.pipeline_id === pipeline.id)
        .map((stage) => {
          const cards = rows.filter((row) => row.stage_id === stage.id);
          return {
            stage: {
              id: stage.id,
              name: stage.name,
              kind: stage.kind,
              probability: stage.probability,
              color: stage.color,
            },
            count: cards.length,
            amount: cards.reduce((total, row) => total + row.amount, 0),
            cards: cards
              .slice(0, 50)
              .map((row) => entity('opportunities', row, null, ['account', 'owner'])),
            next: null,
          };
        }),
    };
  }

  function importView(job) {
    return job;
  }

  const rights = new Map();
  const platform = {
    'GET /meta': () => metaFor(state.language),
    'GET /search': ({ query }) => {
      const needle = (query.get('q') ?? '').toLowerCase();
      const value = [];
      for (const [object, collection] of [
        ['account', 'accounts'],
        ['lead', 'leads'],
        ['contact', 'contacts'],
        ['opportunity', 'opportunities'],
      ])
        for (const row of tables[collection]) {
          const title = row[titleFields[collection]];
          if (title.toLowerCase().includes(needle))
            value.push({
              object,
              id: row.id,
              title,
              subtitle: `${word(byName[object].label, state.language)} · ${titleOf('users', row.owner_id) ?? '公海'}`,
              score: 1,
            });
        }
      return { value: value.slice(0, Number(query.get('limit') ?? 20)) };
    },
    'POST /duplicates': ({ body }) => duplicates(body),
    'GET /workbench': ({ query }) => workbench(query.get('scope') ?? 'me'),
    'GET /opportunities/board': ({ query }) => board(query),
    'GET /notifications/unread_count': () => ({
      count: tables.notifications.filter((row) => !row.read_at).length,
    }),
    'POST /notifications/read': ({ body }) => {
      for (const row of tables.notifications)
        if (body.all || body.ids?.includes(row.id)) row.read_at ??= nowText();
      return { count: 0 };
    },
    'GET /regions': () => regions,
    'GET /picklists': () =>
      Object.fromEntries(
        Object.entries(picklists).map(([name, list]) => [
          name,
          list.map((o) => {
            const [a, b, c] = o.label.split('|');
            return {
              value: o.value,
              label: { 'zh-CN': a, 'zh-TW': b ?? a, en: c ?? a },
              color: o.color,
              active: o.active !== false,
            };
          }),
        ]),
      ),
    'GET /session/tokens': () => ({ value: state.tokens.map(({ secret, ...token }) => token) }),
    'POST /session/tokens': ({ body }) => {
      const token = {
        id: newId(),
        name: body.name,
        read_only: Boolean(body.read_only),
        expires_on: body.expires_on ?? null,
        created_at: nowText(),
        last_used_at: null,
        secret: 'kh_stub_0123456789abcdef',
      };
      state.tokens.push(token);
      return token;
    },
    'POST /session/password': ({ body }) => {
      if (body.current !== 'kehai-2026')
        throw new Refusal(422, 'record.invalid', '请检查标出的字段', {
          fields: [{ field: 'current', code: 'session.bad_credentials', message: '当前密码不对' }],
        });
      return null;
    },
    'POST /session/sign_out_everywhere': () => null,
    'POST /exports': () => ({ id: 1, status: 'done', progress: { done: 10, total: 10 } }),
    'GET /exports/1': () => ({ id: 1, status: 'done', progress: { done: 10, total: 10 } }),
    'GET /audit': () => ({ value: [] }),
  };

  async function handle(method, path, query, body, headers) {
    const route = platform[`${method} ${path}`];
    if (route)
      return {
        status: method === 'POST' && path.endsWith('tokens') ? 201 : 200,
        data: await route({ query, body }),
      };
    const parts = path.slice(1).split('/');
    const [collection] = parts;
    if (path.startsWith('/session/tokens/') && method === 'DELETE') {
      state.tokens = state.tokens.filter((token) => token.id !== Number(parts[2]));
      return { status: 204 };
    }
    if (collection === 'picklists' && method === 'PUT') {
      picklists[parts[1]] = body.options.map((o) => ({
        value: o.value,
        label: `${o.label['zh-CN']}|${o.label['zh-TW']}|${o.label.en}`,
        color: o.color,
        active: o.active,
      }));
      return { status: 200, data: {} };
    }
    if (collection === 'roles' && parts[2] === 'rights') {
      if (method === 'PUT') rights.set(parts[1], body);
      return {
        status: 200,
        data: rights.get(parts[1]) ?? {
          objects: objects
            .filter((object) => object.group !== 'settings')
            .map((object) => ({
              object: object.name,
              actions: ['read', 'create', 'edit'],
              scope: 'own',
              departments: [],
              fields: [],
            })),
        },
      };
    }
    if (collection === 'imports') return imports(method, parts, body, query);
    const rows = tables[collection];
    if (!rows) throw new Refusal(404, 'route.unknown', '没有这个地址');
    if (parts.length === 1) {
      if (method === 'GET') return { status: 200, data: list(collection, query) };
      if (method === 'POST') {
        const row = create(collection, body);
        return { status: 201, data: entity(collection, row), etag: `W/"${row.version}"` };
      }
    }
    const id = Number(parts[1]);
    if (!Number.isFinite(id)) {
      const result = { ok: [], failed: [] };
      for (const each of body.ids ?? []) {
        try {
          act(collection, find(collection, each), parts[1], body);
          result.ok.push(each);
        } catch (error) {
          result.failed.push({ id: each, code: error.code ?? 'error', message: error.message });
        }
      }
      return { status: 200, data: result };
    }
    if (parts.length === 3) {
      if (method === 'GET' && parts[2] === 'timeline')
        return { status: 200, data: timeline(collection, id, query.get('before')) };
      if (method === 'POST') {
        const row =
          parts[2] === 'restore'
            ? rows.find((candidate) => candidate.id === id)
            : find(collection, id);
        return { status: 200, data: entity(collection, act(collection, row, parts[2], body)) };
      }
    }
    const row = find(collection, id);
    const etag = () => `W/"${row.version ?? 1}"`;
    if (method === 'GET') {
      const expand = (query.get('$expand') ?? '')
        .split(/,(?![^(]*\))/)
        .filter(Boolean)
        .map((part) => part.split('(')[0]);
      return { status: 200, data: entity(collection, row, null, expand), etag: etag() };
    }
    if (!headers['if-match']) throw new Refusal(428, 'record.if_match_missing', '缺少版本');
    if (headers['if-match'] !== '*' && headers['if-match'] !== etag()) {
      throw new Refusal(412, 'record.stale', '记录已被他人修改', {
        conflicts: Object.entries(body ?? {}).map(([field, yours]) => ({
          field,
          yours,
          theirs: row[field] ?? null,
        })),
        current: entity(collection, row),
      });
    }
    if (method === 'DELETE') {
      row.deleted = true;
      keep(collection, row, 'deleted');
      return { status: 204 };
    }
    if (method === 'PATCH') {
      const object = byCollection[collection];
      validate(object, body, true);
      const changes = Object.entries(body)
        .filter(([name, value]) => row[name] !== value)
        .map(([name, value]) => {
          const field = object?.fields.find((candidate) => candidate.name === name);
          return {
            field: name,
            label: field ? word(field.label, state.language) : name,
            before: display(field, row[name]),
            after: display(field, value),
          };
        });
      Object.assign(row, body);
      keep(collection, row, 'updated');
      if (changes.length) record(collection, id, { kind: 'change', changes });
      return { status: 200, data: entity(collection, row), etag: etag() };
    }
    throw new Refusal(405, 'method.unknown', '不支持');
  }

  function imports(method, parts, body) {
    if (method === 'POST' && parts.length === 1) {
      const job = {
        id: newId(),
        object: body.object ?? 'lead',
        file_name: body.file_name ?? '线索.xlsx',
        status: 'uploaded',
        progress: { done: 0, total: 3, rate: 0 },
        preview: {
          sheets: ['Sheet1', 'Sheet2'],
          sheet: 'Sheet1',
          encoding: 'UTF-8',
          delimiter: ',',
          header_row: 1,
          columns: [
            { name: '公司', field: 'company', confidence: 0.98 },
            { name: '联系人', field: 'name', confidence: 0.95 },
            { name: '手机', field: 'mobile', confidence: 0.99 },
            { name: '渠道', field: 'source', confidence: 0.6 },
            { name: '序号', field: null, confidence: 0 },
          ],
          rows: [
            ['杭州尚棋科技有限公司', '王磊', '13800001111', '展会', '1'],
            ['苏州云联智能制造有限公司', '李静', '13900002222', '官网', '2'],
            ['成都海博餐饮管理有限公司', '张敏', '1380000', '转介绍', '3'],
          ],
        },
        settings: {
          mapping: { 公司: 'company', 联系人: 'name', 手机: 'mobile', 渠道: 'source', 序号: null },
          duplicates: 'skip',
          mode: 'create',
          defaults: {},
        },
        counts: { rows: 3, good: 0, bad: 0, duplicates: 0, created: 0, updated: 0, skipped: 0 },
      };
      tables.imports.push(job);
      return { status: 201, data: importView(job) };
    }
    const job = tables.imports.find((candidate) => candidate.id === Number(parts[1]));
    if (!job) throw new Refusal(404, 'record.not_found', '没有这个导入');
    const verb = parts[2];
    if (method === 'PUT' && verb === 'settings') Object.assign(job.settings, body);
    if (method === 'POST' && verb === 'validate')
      Object.assign(job, {
        status: 'validated',
        progress: { done: 3, total: 3, rate: 900 },
        counts: { ...job.counts, good: 2, bad: 1, duplicates: 1 },
      });
    if (method === 'POST' && verb === 'apply')
      Object.assign(job, { status: 'partial', counts: { ...job.counts, created: 1, skipped: 1 } });
    if (method === 'POST' && verb === 'cancel') job.status = 'cancelled';
    if (verb === 'rows')
      return {
        status: 200,
        data: {
          value: [
            {
              row: 4,
              status: 'error',
              errors: [
                {
                  column: '手机',
                  field: 'mobile',
                  value: '1380000',
                  code: 'field.phone',
                  message: '手机号格式不对',
                },
              ],
              duplicates: [],
            },
          ],
        },
      };
    return { status: 200, data: importView(job) };
  }

  async function sessions(method, path, body) {
    if (path === '/session' && method === 'GET') {
      if (state.setup)
        throw new Refusal(401, 'session.required', '请先完成初始化', { setup_required: true });
      if (!state.signedIn) throw new Refusal(401, 'session.required', '请登录');
      return { status: 200, data: session() };
    }
    if (path === '/session' && method === 'POST') {
      if (body.password !== 'kehai-2026')
        throw new Refusal(401, 'session.bad_credentials', '账号或密码不对');
      state.signedIn = true;
      return { status: 200, data: session() };
    }
    if (path === '/session/setup') {
      if (body.token !== 'stub-token') throw new Refusal(403, 'setup.bad_token', '初始化口令不对');
      Object.assign(state, { setup: false, signedIn: true, language: body.language });
      return { status: 201, data: session() };
    }
    if (path === '/session' && method === 'DELETE') {
      state.signedIn = false;
      return { status: 204 };
    }
    if (path === '/session' && method === 'PATCH') {
      Object.assign(state, body);
      return { status: 200, data: session() };
    }
    return null;
  }

  function sendFile(response, path) {
    const asset = join(dist, path);
    const file =
      path !== '/' && existsSync(asset) && statSync(asset).isFile()
        ? asset
        : join(dist, 'index.html');
    response.writeHead(200, {
      'Content-Type': mime[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
    });
    createReadStream(file).pipe(response);
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://stub');
    if (!url.pathname.startsWith('/api/v1'))
      return dist ? sendFile(response, url.pathname) : response.writeHead(404).end();
    const path = decodeURIComponent(url.pathname.slice('/api/v1'.length)).replace(/\/$/, '') || '/';
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString('utf8');
    if (path === '/events' && state.signedIn) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(': hello\n\n');
      streams.add(response);
      request.on('close', () => streams.delete(response));
      return;
    }
    try {
      let body = null;
      if (raw && (request.headers['content-type'] ?? '').includes('json')) body = JSON.parse(raw);
      else if (raw)
        body = {
          object: /name="object"\r\n\r\n(\w+)/.exec(raw)?.[1],
          file_name: /filename="([^"]+)"/.exec(raw)?.[1],
        };
      const answer =
        (await sessions(request.method, path, body)) ??
        (state.signedIn
          ? await handle(request.method, path, url.searchParams, body, request.headers)
          : (() => {
              throw new Refusal(401, 'session.required', '请登录');
            })());
      const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
      if (answer.etag) headers.ETag = answer.etag;
      if (answer.status === 204 || answer.data == null)
        return response.writeHead(204, headers).end();
      response.writeHead(answer.status, headers).end(JSON.stringify(answer.data));
    } catch (error) {
      const refusal =
        error instanceof Refusal
          ? error
          : new Refusal(500, 'server.error', String(error.stack ?? error));
      response.writeHead(refusal.status, { 'Content-Type': 'application/problem+json' }).end(
        JSON.stringify({
          type: 'about:blank',
          status: refusal.status,
          title: refusal.title,
          code: refusal.code,
          request_id: 'stub',
          ...refusal.extra,
          error: { code: refusal.code, message: refusal.title, details: [] },
        }),
      );
    }
  });
  return { server, tables, state, emit };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const argument = (name, fallback) => {
    const at = process.argv.indexOf(name);
    return at < 0 ? fallback : process.argv[at + 1];
  };
  const { server } = createStub({
    dist: argument('--dist', null),
    setup: process.argv.includes('--setup'),
    signedIn: process.argv.includes('--signed-in'),
  });
  server.listen(Number(argument('--port', 8420)), '127.0.0.1', () =>
    console.log(`http://127.0.0.1:${server.address().port}`),
  );
}
