// Drives jsforce against a sandbox and prints what it saw as one JSON object. What is
// right is for the Go test to say, which also looks into the sandbox.
import { createSign, generateKeyPairSync } from 'node:crypto';
import jsforce from 'jsforce';

const { LOGIN_URL, INSTANCE_URL, CONSUMER_KEY, CONSUMER_SECRET, USERNAME, PRIVATE_KEY, NOW } = process.env;
const out = {};

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const seconds = Math.floor(Date.parse(NOW) / 1000);

function assertion(other = {}, key = PRIVATE_KEY) {
  const claims = { iss: CONSUMER_KEY, sub: USERNAME, aud: 'https://login.salesforce.com', exp: String(seconds + 120), ...other };
  const text = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
}

const jwt = (other, key) => ({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion(other, key) });

const connect = (loginUrl, clientSecret = CONSUMER_SECRET) => new jsforce.Connection({ version: '62.0', oauth2: { loginUrl, clientId: CONSUMER_KEY, clientSecret } });

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
out.jwt = await conn.authorize(jwt());
out.instanceUrl = conn.instanceUrl;
const other = connect(INSTANCE_URL);
out.credentials = await other.authorize({ grant_type: 'client_credentials' });
out.credentialsAtLogin = await codeOf(() => connect(LOGIN_URL).authorize({ grant_type: 'client_credentials' }));
const forger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const refusal = (login) => login.then(() => 'let in', (e) => `${e.errorCode || e.name}: ${e.message}`);
out.refused = {
  'another key': await refusal(connect(LOGIN_URL).authorize(jwt({}, forger))),
  'another audience': await refusal(connect(LOGIN_URL).authorize(jwt({ aud: 'https://test.salesforce.com' }))),
  'expired': await refusal(connect(LOGIN_URL).authorize(jwt({ exp: seconds - 1 }))),
  'nobody': await refusal(connect(LOGIN_URL).authorize(jwt({ sub: 'nobody@acme.example' }))),
  'another secret': await refusal(connect(INSTANCE_URL, 'x').authorize({ grant_type: 'client_credentials' })),
};
out.identity = (await conn.identity()).username;

// query, page by page and at once
const page = await conn.query('SELECT Id, Name FROM Account');
out.first = { total: page.totalSize, done: page.done, ids: page.records.map((r) => r.Id) };
const rest = await conn.queryMore(page.nextRecordsUrl);
out.second = { total: rest.totalSize, done: rest.done, ids: rest.records.map((r) => r.Id) };
const all = await conn.query("SELECT Id, Name, Owner.Name FROM Account WHERE Name != null ORDER BY Name DESC NULLS LAST", { autoFetch: true, maxFetch: 10000 });
out.fetched = all.records.map((r) => ({ id: r.Id, name: r.Name, owner: r.Owner.Name }));
out.descending = (await conn.query('SELECT Id FROM Account ORDER BY Id DESC LIMIT 60')).records.map((r) => r.Id);
out.revenues = (await conn.query('SELECT AnnualRevenue FROM Account ORDER BY AnnualRevenue NULLS LAST', { autoFetch: true, maxFetch: 10000 })).records.map((r) => r.AnnualRevenue);

// sub-queries, also with more children than fit one page
const nested = await conn.query("SELECT Id, Name, (SELECT Id, LastName FROM Contacts) FROM Account WHERE Name IN ('many', 'none')", { autoFetch: true, headers: { 'Sforce-Query-Options': 'batchSize=200' } });
out.nested = Object.fromEntries(nested.records.map((r) => [r.Name, r.Contacts && r.Contacts.records.map((c) => c.LastName)]));
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
out.bulk = { rows: rows.map((r) => ({ id: r.Id, name: r.Name, owner: r['Owner.Name'] })), keys: Object.keys(rows[0]), hostile: rows.find((r) => r.Name === 'hostile')?.Description };
out.bulkAll = await (await conn.bulk2.query(`SELECT Id FROM Account WHERE Id = '${made.id}'`, { scanAll: true })).toArray().then((r) => r.length);

// the pages of a result, by the links to them
await fetch(`${process.env.ADMIN_URL}/sandbox/settings`, { method: 'PATCH', body: '{"bulk_page": 1000}' });
const job = await conn.requestPost('/jobs/query', { operation: 'query', query: 'SELECT Id FROM Account' });
while ((await conn.request(`/jobs/query/${job.id}`)).state !== 'JobComplete');
const links = (await conn.request(`/jobs/query/${job.id}/resultPages`)).resultPages.map((p) => p.resultLink);
out.pages = [];
for (const link of links) out.pages.push((await conn.request(link)).map((r) => r.Id));

// composite and limits, as raw calls
const composite = await conn.requestPost('/composite', { compositeRequest: [{ method: 'GET', url: '/services/data/v62.0/query?q=SELECT+Id+FROM+User+LIMIT+1', referenceId: 'one' }] });
out.composite = composite.compositeResponse[0].httpStatusCode;
await conn.request('/limits');
out.usage = conn.limitInfo.apiUsage;

// a session that ends in the middle is renewed once, by the refresh function
const renewed = new jsforce.Connection({
  version: '62.0', instanceUrl: INSTANCE_URL, accessToken: '00D000!gone',
  refreshFn: (_c, done) => connect(LOGIN_URL).oauth2.requestToken(jwt()).then((t) => done(null, t.access_token, t)),
});
out.renewed = (await renewed.query('SELECT Id FROM User LIMIT 1')).totalSize;

console.log(JSON.stringify(out));
