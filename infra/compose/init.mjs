/**
 * `npm run compose:init [file]`: writes the passwords that docker-compose.yml asks for into .env, where only its owner
 * reads them. What stands there already stays. Runs on any Node from 20 up with nothing installed.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWNER_ONLY = 0o600;
const SECRETS = ['REDIS_PASSWORD', 'MINIO_ROOT_PASSWORD', 'S3_SECRET_ACCESS_KEY'];

/** Where the file is new. */
const OPENING = `\
# Passwords and settings of docker compose. Keep this file: nobody else has it. The README lists what can be set here.
# PORT=8080
# PUBLIC_URL=https://media.example.org
# SMTP_URL=smtps://user:password@mail.example.org
# MAIL_FROM=Courses <courses@example.org>
# OPERATOR_EMAIL=operator@example.org
`;

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const file = resolve(process.argv[2] ?? join(root, '.env'));

const found = read(file);
const { text, added } = withSecrets(found ?? OPENING);
if (added.length > 0) writeFileSync(file, text, { mode: OWNER_ONLY });
chmodSync(file, OWNER_ONLY);

if (found === undefined) console.log(`${file} written, with passwords of its own.`);
else if (added.length > 0) console.log(`${file}: added ${added.join(', ')}; all else is as it was.`);
else console.log(`${file} has all passwords already and stays as it is.`);
console.log('Next: docker compose up --build');

/**
 * MinIO takes 40 characters at most; hexadecimal ones mean nothing special in URLs, shells and compose files.
 * @param {string} before
 * @returns {{ text: string, added: string[] }}
 */
function withSecrets(before) {
  let text = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  const added = SECRETS.filter((name) => !new RegExp(`^\\s*(export\\s+)?${name}\\s*=[ \\t]*\\S`, 'm').test(text));
  // The last of two lines with one name counts.
  for (const name of added) text += `${name}=${randomBytes(20).toString('hex')}\n`;
  return { text, added };
}

/**
 * @param {string} path
 * @returns {string | undefined} undefined where there is none.
 */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
