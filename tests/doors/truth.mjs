// Who may see what, from roles, owners, departments and pools. Written from the rule book (access README), one record at a
// time; nothing here asks the server.

const isAbove = (company, boss, login) => {
  for (let at = company.users[login].superior; at; at = company.users[at].superior) if (at === boss) return true
  return false
}
// 总部 is above both regions, the regions have nothing below.
const isWithin = (department, outer) => department === outer || outer === '总部'

function reaches(company, me, owner, grant) {
  if (grant.scope === 'all') return true
  if (!owner) return false
  if (owner === me) return true
  const mine = company.users[me].department
  const theirs = company.users[owner].department
  switch (grant.scope) {
    case 'subordinates': return isAbove(company, me, owner)
    case 'department': return theirs === mine
    case 'department_below': return theirs !== undefined && isWithin(theirs, mine)
    case 'departments': return theirs !== undefined && grant.departments.includes(company.departments[theirs])
    default: return false
  }
}

// A member reads the record and what hangs on it, except other people's tasks; one who edits changes the record itself.
function isMember(company, me, record, right) {
  const mine = record.members?.[me]
  if (mine && (right === 'read' || right === 'export' || (right === 'edit' && mine === 'edit'))) return true
  if (!record.parent || right !== 'read' || record.object === 'task') return false
  const parent = company.records.find((one) => one.object === record.parent.object && one.id === record.parent.id)
  return isMember(company, me, parent, 'read')
}

// Comments are for whoever reads the follow-up; no role says anything about them.
const commented = (company, comment) => company.records.find((one) => one.object === 'activity' && one.id === comment.parent.id)

// {seen, throughPool}: throughPool when nothing but the membership shows the record.
export function sees(company, me, record, right = 'read') {
  if (me === 'admin') return { seen: true, throughPool: false }
  if (record.object === 'activity_comment') return sees(company, me, commented(company, record), right)
  const grant = company.rights[me][record.object]
  if (!grant?.actions.includes(right)) return { seen: false }
  if (reaches(company, me, record.owner, grant)) return { seen: true, throughPool: false }
  // Who owns the customer, lead or deal that something hangs on reads it; so does that person's superior.
  if (record.parent && right === 'read') {
    if (record.parent.owner === me) return { seen: true, throughPool: false }
    if (grant.scope === 'subordinates' && record.parent.owner && isAbove(company, me, record.parent.owner)) return { seen: true, throughPool: false }
  }
  if (isMember(company, me, record, right)) return { seen: true, throughPool: false }
  const pool = record.pool && company.pools[record.pool]
  if (pool && company.users[me].department === pool.department) return { seen: true, throughPool: true }
  return { seen: false }
}

// Whether the person may read this field of a record that he sees, whole and unmasked.
export function readsField(company, me, record, field) {
  const { seen, throughPool } = sees(company, me, record)
  if (!seen) return false
  if (me === 'admin') return true
  if (throughPool && company.pools[record.pool].hides.includes(field)) return false
  const ruledBy = record.object === 'activity_comment' ? 'activity' : record.object
  const rule = company.rights[me][ruledBy].fields?.find((one) => one.field === field)
  return !(rule && (rule.rule === 'hidden' || rule.mask))
}

// Every mark that must not reach the person: {mark, object, id, field}.
export function forbidden(company, me) {
  const found = []
  for (const record of company.records) {
    const marks = Object.entries(record.marks)
    if (record.old) marks.push([record.old.field, record.old.mark])
    for (const [field, mark] of marks) {
      if (!readsField(company, me, record, field)) found.push({ mark, object: record.object, id: record.id, field })
    }
  }
  const { dispute, webhook } = company
  if (me !== 'admin') found.push({ mark: webhook.mark, object: 'webhook', id: webhook.id, field: 'url' })
  if (!dispute.seenBy.includes(me)) found.push({ mark: dispute.mark, object: 'arbitration', id: dispute.id, field: 'evidence' })
  return found
}
