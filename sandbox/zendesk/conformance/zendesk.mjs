// Drives node-zendesk against a sandbox and prints what it saw as one JSON object. What is
// right is for the Go test to say, which also looks into the sandbox.
import zendesk from 'node-zendesk';

const { URL_API, URL_ADMIN, CLIENT_ID, CLIENT_SECRET, EMAIL, API_TOKEN } = process.env;
const out = {};

const settings = (change) => fetch(`${URL_ADMIN}/sandbox/settings`, { method: 'PATCH', body: JSON.stringify(change) });

async function statusOf(call) {
  try {
    await call();
    return 'none';
  } catch (e) {
    return Number(/\((\d{3})\)/.exec(e.message)?.[1]) || e.message;
  }
}

// log in by both schemes
const granted = await fetch(`${URL_API}/oauth/tokens`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ grant_type: 'client_credentials', client_id: CLIENT_ID, client_secret: CLIENT_SECRET, scope: 'read write', expires_in: 86400 }),
}).then((r) => r.json());
const endpointUri = `${URL_API}/api/v2`;
const client = zendesk.createClient({ endpointUri, token: granted.access_token, oauth: true });
const legacy = zendesk.createClient({ endpointUri, username: EMAIL, token: API_TOKEN });
out.me = [(await client.users.me()).result.email, (await legacy.users.me()).result.email];
out.refused = await statusOf(() => zendesk.createClient({ endpointUri, token: 'nonsense', oauth: true }).organizations.show(1));

// organizations, one by one
const made = (await client.organizations.create({ organization: { name: 'By node — "ñ" 🚀', external_id: '0015g00000AbCdEAAV', tags: ['one'], domain_names: ['n.example'], organization_fields: { plan: 'plan_gold' } } })).result;
out.made = made;
out.twice = await statusOf(() => client.organizations.create({ organization: { name: 'BY NODE — "Ñ" 🚀' } }));
out.updated = (await client.organizations.update(made.id, { organization: { notes: 'seen', organization_fields: { seats: 7 } } })).result;
out.read = (await client.organizations.show(made.id)).result;
out.upserts = [];
for (const name of ['Upserted', 'Again']) out.upserts.push((await client.organizations.upsert({ organization: { name, external_id: 'up-1' } })).result);
out.found = (await client.organizations.search('0015g00000abcdeaav')).map((o) => o.id);
out.related = (await client.organizations.related(made.id)).result;

// lists: by cursor to the end, through the live link of the last page; several by id
const all = await client.organizations.list();
out.listed = { rows: all.length, ids: new Set(all.map((o) => o.id)).size };
out.shown = (await client.organizations.showMany([all[3].id, all[1].id, 99])).map((o) => o.id).sort();
out.wanted = [all[1].id, all[3].id].sort();

// batches and jobs
async function wait(call) {
  const queued = (await call).result.job_status;
  return { queued, done: await client.jobstatuses.watch(queued.id, 5, 3) };
}
const names = (prefix, n) => Array.from({ length: n }, (_, i) => ({ name: `${prefix} ${i}`, external_id: `${prefix}-${i}` }));
const created = await wait(client.organizations.createMany({ organizations: names('batch', 100) }));
out.created = { queued: created.queued.status, status: created.done.status, total: created.done.total, results: created.done.results.length, first: created.done.results[0].id };
const ids = created.done.results.map((r) => r.id);
const updated = await wait(client.organizations.updateMany({ organizations: ids.slice(0, 10).map((id) => ({ id, name: 'the same' })) }));
out.changed = { status: updated.done.status, good: updated.done.results.filter((r) => r.success).length, bad: updated.done.results.filter((r) => r.error).length, details: updated.done.results[1].details };
out.many = (await client.jobstatuses.showMany([created.queued.id, updated.queued.id])).result.job_statuses?.map((j) => j.status);
out.tooMany = await statusOf(() => client.organizations.createMany({ organizations: names('over', 101) }));
const deleted = await wait(client.organizations.bulkDelete(ids.slice(90)));
out.deleted = { status: deleted.done.status, gone: deleted.done.results.filter((r) => r.status === 'Deleted').length };
out.gone = await statusOf(() => client.organizations.show(ids[99]));

// users, identities and memberships
const ann = (await client.users.create({ user: { name: 'Ann', email: 'ann@n.example', verified: true } })).result;
out.ann = ann;
const second = (await client.organizationmemberships.create({ user_id: ann.id, organization_id: ids[0] })).result;
await client.organizationmemberships.makeDefault(ann.id, second.id);
out.memberships = (await client.organizationmemberships.listByUser(ann.id)).map((m) => [m.organization_id, m.default]);
out.allMemberships = (await client.organizationmemberships.list()).length;
const joined = await wait(client.organizationmemberships.createMany([{ user_id: ann.id, organization_id: ids[1] }, { user_id: ann.id, organization_id: ids[1] }]));
out.joined = joined.done.results.map((r) => (r.error ? 'error' : r.status));
out.bulkUsers = await statusOf(() => client.users.createMany({ users: [{ name: 'Bob' }] }));
const address = (await client.useridentities.create(ann.id, { identity: { type: 'email', value: 'ann2@n.example', verified: true } })).result;
await client.useridentities.makePrimary(ann.id, (address.identity ?? address).id);
out.address = (await client.users.show(ann.id)).result.email;
out.members = (await client.users.listByOrganization(ids[0])).map((u) => u.id);
out.users = (await client.users.list()).length;

// fields and policies
out.fields = (await client.organizationfields.list()).map((f) => f.key);
out.field = (await client.organizationfields.create({ organization_field: { type: 'text', key: 'region', title: 'Region' } })).result;

// the export
await settings({ export_hold_back_seconds: 0 });
const exported = await client.organizations.incremental(0);
out.exported = { rows: exported.length, deleted: exported.filter((o) => o.deleted_at).length };

// a spent limit: the client does not reject
await settings({ per_minute: 1 });
const throttled = [];
for (let i = 0; i < 3; i++) throttled.push(await statusOf(() => client.organizations.update(ids[2], { organization: { notes: `write ${i}` } })));
out.throttled = throttled;

console.log(JSON.stringify(out));
