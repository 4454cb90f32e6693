/** The house in containers, as its users reach it: through the published ports, and by `docker compose`. */
import { readFile } from 'node:fs/promises';
import { Client as Minio } from 'minio';
import { inject } from 'vitest';
import { z } from 'zod';
import type { BatchView } from '../../services/upload/views.ts';
import { Client } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { type ComposeProject, compose, docker } from './docker.ts';

const COMMAND_WITHIN_MS = 180_000;
const NOTIFIED_WITHIN_MS = 240_000;

export interface ComposeHouse {
  readonly project: ComposeProject;
  /** What stands in its .env. */
  readonly settings: Readonly<Record<string, string>>;
  readonly url: string;
  readonly client: Client;
  /** MinIO's operator, by a client that is not the services' own. */
  readonly minio: Minio;
  compose(...args: string[]): Promise<string>;
  /** What a program in a container prints. */
  exec(service: string, ...command: string[]): Promise<string>;
  /** What Docker knows of its container. */
  inspect(service: string): Promise<Container>;
  mails(): Promise<Mail[]>;
  /** Waits until the batch's mail has been sent. */
  notified(batch: string): Promise<BatchView>;
}

export async function composeHouse(): Promise<ComposeHouse> {
  const project = inject('composeHouse');
  if (project === undefined || 'none' in project) throw new Error('there is no house in containers');
  const settings = parse(await readFile(project.envFile, 'utf8'));
  const url = `http://localhost:${settings['PORT']}`;
  const client = new Client(url);
  const run = (...args: string[]) => compose(project, args, COMMAND_WITHIN_MS);
  return {
    project,
    settings,
    url,
    client,
    minio: minioAs('operator', settings['MINIO_ROOT_PASSWORD'], settings),
    compose: run,
    exec: (service, ...command) => run('exec', '-T', service, ...command),
    inspect: async (service) => {
      const [id = ''] = (await run('ps', '--all', '--quiet', service)).split('\n');
      return z.tuple([container]).parse(JSON.parse(await docker(['inspect', id], COMMAND_WITHIN_MS)))[0];
    },
    mails: () => mailpitMails(`http://localhost:${settings['MAILPIT_PORT']}`),
    notified: (batch) =>
      eventually(
        async () => {
          const { body } = await client.readBatch(batch);
          if (body.notifiedAt === undefined) throw new Error(`no mail yet: ${JSON.stringify(body, null, 1)}`);
          return body;
        },
        { within: NOTIFIED_WITHIN_MS },
      ),
  };
}

export function minioAs(accessKey: string, secretKey = '', { S3_PORT }: ComposeHouse['settings']): Minio {
  return new Minio({ endPoint: 'localhost', port: Number(S3_PORT), useSSL: false, accessKey, secretKey });
}

const container = z.object({
  RestartCount: z.number(),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string() })) }),
  State: z.object({ Health: z.object({ Status: z.string() }).optional() }),
  Config: z.object({ User: z.string(), StopTimeout: z.number().optional() }),
  HostConfig: z.looseObject({
    Memory: z.number(),
    PidsLimit: z.number(),
    CapAdd: z.array(z.string()).nullable(),
    RestartPolicy: z.object({ Name: z.string() }),
    PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string() }))),
  }),
});
type Container = z.infer<typeof container>;

const mail = z.object({
  MessageID: z.string(),
  To: z.array(z.object({ Address: z.string() })),
  Subject: z.string(),
  Text: z.string(),
});
type Mail = z.infer<typeof mail>;
const messages = z.object({ messages: z.array(z.object({ ID: z.string() })) });

/** By Mailpit's API, the newest first. */
async function mailpitMails(mailpit: string): Promise<Mail[]> {
  const get = async (path: string) => (await fetch(mailpit + path)).json();
  const found = messages.parse(await get('/api/v1/messages?limit=200'));
  return Promise.all(found.messages.map(async ({ ID }) => mail.parse(await get(`/api/v1/message/${ID}`))));
}

function parse(envFile: string): Record<string, string> {
  return Object.fromEntries([...envFile.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));
}
