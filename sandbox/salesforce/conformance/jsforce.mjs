// Drives jsforce against a sandbox and prints what it saw as one JSON object. What is
// right is for the Go test to say, which also looks into the sandbox.
import { createSign } from 'node:crypto';
import jsforce from 'jsforce';

const { LOGIN_URL, INSTANCE_URL, CONSUMER_KEY, CONSUMER_SECRET, USERNAME, PRIVATE_KEY, NOW } = process.env;
const out = {};

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function assertion() {
  const claims = { iss: CONSUMER_KEY, sub: USERNAME, aud: 'https://login.salesforce.com', exp: String(Math.floor(Date.parse(NOW) / 1000) + 120) };
  const text = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(PRIVATE_KEY, 'base64url')}`;
}

const connect = (loginUrl) => new jsforce.Connection({ version: '62.0', oauth2: { loginUrl, clientId: CONSUMER_KEY, clientSecret: CONSUMER_SECRET } });

async function codeOf(call) {
  try {
    await call();
    return 'none';
  } catch (e) {
    return e.errorCode || e.name;
  }
}

// log in by both flows; the login host refuses one of them
const conn = connect(LOGIN_URL);
out.jwt = await conn.authorize({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion() });
out.instanceUrl = conn.instanceUrl;
const other = connect(INSTANCE_URL);
out.credentials = await other.authorize({ grant_type: 'client_credentials' });
out.credentialsAtLogin = await codeOf(() => connect(LOGIN_URL).authorize({ grant_type: 'client_credentials' }));
out.identity = (await conn.identity()).username;

// query, page by page and at once
const page = await conn.query('SELECT Id, Name FROM Account');
out.first = { total: page.totalSize, done: page.done, records: page.records.length };
const rest = await conn.queryMore(page.nextRecordsUrl);
out.second = { done: rest.done, records: rest.records.length };
const all = await conn.query("SELECT Id, Name, Owner.Name FROM Account WHERE Name != null ORDER BY Name DESC NULLS LAST", { autoFetch: true, maxFetch: 10000 });
out.fetched = { records: all.records.length, ids: new Set(all.records.map((r) => r.Id)).size, owner: typeof all.records[0].Owner.Name };

// sub-queries, also with more children than fit one page
const nested = await conn.query("SELECT Id, Name, (SELECT Id, LastName FROM Contacts) FROM Account WHERE Name IN ('many', 'none')", { autoFetch: true, headers: { 'Sforce-Query-Options': 'batchSize=200' } });
out.nested = Object.fromEntries(nested.records.map((r) => [r.Name, r.Contacts && r.Contacts.records.length]));
out.found = await conn.sobject('Account').find({ Name: { $like: 'man%' }, IsDeleted: false }, 'Id, Name').limit(5).execute().then((r) => r.map((x) => x.Name));
out.count = await conn.sobject('Account').count({ Type: { $in: ['Customer', 'Partner'] } });
out.badField = await codeOf(() => conn.query('SELECT Nope__c FROM Account'));

// describe
const described = await conn.sobject('Account').describe();
out.describe = { fields: described.fields.length, name: described.fields.find((f) => f.name === 'Name'), children: described.childRelationships.map((c) => c.relationshipName) };
out.objects = (await conn.describeGlobal()).sobjects.map((o) => o.name);

// records: one, several, by external id
const made = await conn.sobject('Account').create({ Name: 'by jsforce — "ñ" 🚀', Seats__c: 12.5, Next_Renewal_Date__c: '2026-12-01' });
out.created = made;
out.updated = await conn.sobject('Account').update({ Id: made.id, Name: 'renamed by jsforce' });
out.read = await conn.sobject('Account').retrieve(made.id);
out.many = await conn.sobject('Contact').create([{ LastName: 'a', AccountId: made.id }, { LastName: 'b', AccountId: made.id }, { FirstName: 'no last name' }]);
out.upserts = [await conn.sobject('Account').upsert({ External_Id__c: 'x-1', Name: 'upserted' }, 'External_Id__c'), await conn.sobject('Account').upsert({ External_Id__c: 'x-1', Name: 'again' }, 'External_Id__c')];
out.deleted = await conn.sobject('Account').destroy(made.id);
out.gone = await conn.query(`SELECT Id FROM Account WHERE Id = '${made.id}'`).then((r) => r.totalSize);
out.inBin = await conn.query(`SELECT Id, IsDeleted FROM Account WHERE Id = '${made.id}'`, { scanAll: true }).then((r) => r.records.map((x) => x.IsDeleted));

// replication
const from = new Date(Date.parse(NOW) - 3600_000);
const to = new Date(Date.parse(NOW) + 3600_000);
out.replicated = { updated: (await conn.sobject('Account').updated(from, to)).ids, deleted: (await conn.sobject('Account').deleted(from, to)).deletedRecords.map((d) => d.id) };

// Bulk 2.0, with text that breaks naive readers. In one page: this jsforce pipes the pages
// of a result into one stream at the same time, so that they mix (forcedotcom/cli#3103).
conn.bulk2.pollInterval = 10;
conn.bulk2.pollTimeout = 20_000;
const stream = await conn.bulk2.query('SELECT Id, Name, Description, Owner.Name FROM Account');
const rows = await stream.toArray();
out.bulk = { rows: rows.length, ids: new Set(rows.map((r) => r.Id)).size, keys: Object.keys(rows[0]), hostile: rows.find((r) => r.Name === 'hostile')?.Description };
out.bulkAll = await (await conn.bulk2.query(`SELECT Id FROM Account WHERE Id = '${made.id}'`, { scanAll: true })).toArray().then((r) => r.length);

// the pages of a result, by the links to them
await fetch(`${process.env.ADMIN_URL}/sandbox/settings`, { method: 'PATCH', body: '{"bulk_page": 1000}' });
const job = await conn.requestPost('/jobs/query', { operation: 'query', query: 'SELECT Id FROM Account' });
while ((await conn.request(`/jobs/query/${job.id}`)).state !== 'JobComplete');
const links = (await conn.request(`/jobs/query/${job.id}/resultPages`)).resultPages.map((p) => p.resultLink);
out.pages = [];
for (const link of links) out.pages.push((await conn.request(link)).length);

// composite and limits, as raw calls
const composite = await conn.requestPost('/composite', { compositeRequest: [{ method: 'GET', url: '/services/data/v62.0/query?q=SELECT+Id+FROM+User+LIMIT+1', referenceId: 'one' }] });
out.composite = composite.compositeResponse[0].httpStatusCode;
await conn.request('/limits');
out.usage = conn.limitInfo.apiUsage;

// a session that ends in the middle is renewed once, by the refresh function
const renewed = new jsforce.Connection({
  version: '62.0', instanceUrl: INSTANCE_URL, accessToken: '00D000!gone',
  refreshFn: (_c, done) => connect(LOGIN_URL).oauth2.requestToken({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion() }).then((t) => done(null, t.access_token, t)),
});
out.renewed = (await renewed.query('SELECT Id FROM User LIMIT 1')).totalSize;

console.log(JSON.stringify(out));
