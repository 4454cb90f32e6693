/** What a container may do, looked at from outside, and what somebody in it can reach. */
import { once } from 'node:events';
import { get } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { type ComposeHouse, composeHouse, minioAs } from './house.ts';

const LASTING = ['upload', 'transcoder', 'notification', 'redis', 'minio', 'mailpit'];
const ONCE = ['s3-user', 'buckets'];
/** Says whether a connection to an address and port comes about, within 3 s. */
const CONNECT = `
  const [host, port] = process.argv.slice(1);
  const socket = require('node:net').connect({ host, port, timeout: 3000 });
  const say = (what) => { process.stdout.write(what); socket.destroy(); };
  socket.on('connect', () => say('connected'));
  socket.on('timeout', () => say('no answer'));
  socket.on('error', () => say('no answer'));
`;

/** Only these face this machine. */
const PUBLISHED: Record<string, number> = { upload: 1, minio: 2, mailpit: 1 };

describe('the containers', needs.compose, () => {
  let house: ComposeHouse;

  beforeAll(async () => {
    house = await composeHouse();
  });

  it.each([...LASTING, ...ONCE])('%s has no rights that it does not need', async (service) => {
    const { Config, HostConfig } = await house.inspect(service);
    expect(Config.User).toMatch(/^(node|[1-9]\d*:[1-9]\d*)$/);
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    });
    expect(HostConfig.CapAdd ?? []).toEqual([]);
    expect(HostConfig.Memory).toBeGreaterThan(0);
    expect(HostConfig.PidsLimit).toBeGreaterThan(0);
    const addresses = Object.values(HostConfig.PortBindings)
      .flat()
      .map(({ HostIp }) => HostIp);
    expect(addresses).toEqual(Array.from({ length: PUBLISHED[service] ?? 0 }, () => '127.0.0.1'));
  });

  it.each(LASTING)('%s comes back by itself, has time to stop, and says whether it is well', async (service) => {
    const { Config, HostConfig, State } = await house.inspect(service);
    expect(HostConfig.RestartPolicy.Name).toBe('unless-stopped');
    expect(Config.StopTimeout).toBe(30);
    expect(State.Health?.Status).toBe('healthy');
  });

  it('can write where they must, and nowhere else', async () => {
    for (const service of ['upload', 'transcoder', 'notification', 'redis', 'minio']) {
      await expect(house.exec(service, 'touch', '/written')).rejects.toThrow('Read-only file system');
      await house.exec(service, 'touch', '/tmp/written');
    }
    await house.exec('transcoder', 'touch', '/work/written');
    // The code is root's besides.
    await expect(house.exec('upload', 'touch', '/app/package.json')).rejects.toThrow('Permission denied');
  });

  it('has a Redis that keeps everything and wants its password', async () => {
    const asked = await house.compose('exec', '-T', '--env', 'REDISCLI_AUTH=', 'redis', 'redis-cli', 'ping');
    expect(asked).toContain('NOAUTH');
    const settings = await house.exec('redis', 'redis-cli', 'config', 'get', 'append*', 'maxmemory*');
    expect(settings).toMatch(/^appendonly\nyes$/m);
    expect(settings).toMatch(/^maxmemory-policy\nnoeviction$/m);
    expect(settings).toMatch(/^maxmemory\n[1-9]\d+$/m);
  });

  it('gives the services a key that opens their bucket only', async () => {
    const services = minioAs('projectionist', house.settings['S3_SECRET_ACCESS_KEY'], house.settings);
    expect(await services.bucketExists('projectionist')).toBe(true);
    await expect(services.makeBucket('another')).rejects.toThrow(/Access Denied/);
    await expect(services.removeBucket('projectionist')).rejects.toThrow(/Access Denied/);
    await house.minio.makeBucket('private');
    await expect(services.putObject('private', 'x', 'x')).rejects.toThrow(/Access Denied/);
    await house.minio.removeBucket('private');
  });

  it('shows strangers nothing of the bucket', async () => {
    const address = `http://localhost:${house.settings['S3_PORT']}/projectionist`;
    expect((await fetch(`${address}/`)).status).toBe(403);
    expect((await fetch(`${address}/records/x`)).status).toBe(403);
  });

  it('leaves the transcoder no way out of the house', async () => {
    const { Networks } = (await house.inspect('mailpit')).NetworkSettings;
    const outside = Networks[`${house.project.name}_street`]?.IPAddress;
    const reaches = (service: string) => house.exec(service, 'node', '--eval', CONNECT, `${outside}`, '1025');
    expect(await reaches('transcoder')).toBe('no answer');
    // The mail server of an operator is outside.
    expect(await reaches('notification')).toBe('connected');
  });

  it('answers to the names of this machine only', async () => {
    // fetch takes no Host of ours.
    const ask = async (host: string) => {
      const [response] = await once(get(`${house.url}/healthz`, { headers: { host } }), 'response');
      response.resume();
      return response.statusCode;
    };
    expect(await ask('localhost')).toBe(200);
    expect(await ask('evil.example')).toBe(403);
  });
});
