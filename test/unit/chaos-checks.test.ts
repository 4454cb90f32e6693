/** Each check of the chaos run holds over a run in which all went well, and fails over one in which one thing did not. */
import { expect, it } from 'vitest';
import type { UploadView } from '../../services/upload/views.ts';
import { checksOf } from '../chaos/checks.ts';
import type { Acknowledged } from '../chaos/instructor.ts';
import type { Observation, SeenMail } from '../chaos/observation.ts';
import type { Content, Plan, PlannedFile } from '../chaos/plan.ts';
import { differences, type Result } from '../chaos/results.ts';

const file = (name: string, content: Content): PlannedFile => ({ name, content, padding: 0, fates: [] });
const files = [file('film', 'short'), file('noise', 'noise'), file('photo', 'photo')] as const;

const plan: Plan = {
  seed: 1,
  batches: [{ way: 'one by one', files }],
  spare: [],
  kills: [{ afterMs: 0, who: 'busy', signal: 'SIGKILL' }],
  outages: [{ afterMs: 0, what: 'smtp' }],
};

const failed: Result = { state: 'failed', reason: 'no picture', variants: [], untrue: [] };
const ready: Result = { state: 'ready', variants: ['180p.mp4 320×180 aac h264 1.0 s'], untrue: [] };
const undisturbed = new Map<Content, Result>([
  ['short', ready],
  ['noise', failed],
  ['photo', ready],
  ['truncated', { ...ready, warning: 'cut off' }],
]);

const upload = (sequence: number, name: string, state: UploadView['state']): UploadView => ({
  id: `upload-${sequence}`,
  batch: 'batch-1',
  sequence,
  name,
  bytes: 1,
  contentType: 'video/mp4',
  kind: 'video',
  state,
  queuedAt: '2026-01-01T00:00:00.000Z',
  startedAt: `2026-01-01T00:00:0${sequence}.000Z`,
  attempts: 1,
  progress: 100,
  variants: [],
});
const uploads = [upload(1, 'film', 'ready'), upload(2, 'noise', 'failed'), upload(3, 'photo', 'ready')] as const;

const acknowledge = (one: PlannedFile, index: number): Acknowledged => ({
  batch: 'batch-1',
  upload: `upload-${index + 1}`,
  file: one,
  sequence: index + 1,
  sentAt: index * 100,
  acknowledgedAt: index * 100 + 50,
});

const batchMail: SeenMail = { at: 50_000, to: 'instructor@example.org', messageId: '<batch-1@house>', text: '' };
const alert: SeenMail = { at: 40_000, to: 'operator@example.org', messageId: '<alert-1@house>', text: 'upload-2' };

const good: Observation = {
  sent: files.map(({ name }) => name),
  acknowledged: files.map(acknowledge),
  uploads,
  batches: ['batch-1'],
  results: new Map([
    ['upload-1', ready],
    ['upload-2', failed],
    ['upload-3', ready],
  ]),
  renders: 3,
  rendered: ['upload-1', 'upload-2', 'upload-3'],
  beside: { looks: 10, sightings: 5, overlaps: [] },
  mails: [alert, batchMail],
  operator: 'operator@example.org',
  trouble: {
    kills: [{ who: 'transcoder-1', signal: 'SIGKILL', busy: true, at: 1_000 }],
    outages: [{ what: 'smtp', from: 2_000, to: 3_000 }],
  },
  repeatedRequests: 0,
  kept: { expected: ['a', 'b'], found: ['b', 'a'], halfBefore: 1, half: [] },
  remains: { lookedAt: 5, left: [] },
  recovery: { before: new Map([['batch-1', 'finished']]), after: new Map([['batch-1', 'finished']]), mails: [] },
};

const failing = (change: Partial<Observation>, becomes = undisturbed, planned = plan) =>
  checksOf(planned, { ...good, ...change }, becomes)
    .filter(({ wrong }) => wrong.length > 0)
    .map(({ name }) => name);

it('all hold when all went well, and each has looked at something', () => {
  expect(failing({})).toEqual([]);
  expect(checksOf(plan, good, undisturbed).filter(({ count }) => count === 0)).toEqual([]);
});

const [film, noise, photo] = uploads;
const [first, second, third] = good.acknowledged;
if (!first || !second || !third) throw new Error('three files were acknowledged');
const again = (mail: SeenMail, at: number): SeenMail => ({ ...mail, at });
const killOf = (who: string, at: number) => ({ who, signal: 'SIGKILL', busy: false, at });

it.for<readonly [string, string, Partial<Observation>]>([
  ['a file is never acknowledged', 'sent = acknowledged', { sent: [...good.sent, 'lost'] }],
  ['a file is acknowledged twice', 'sent = acknowledged', { acknowledged: [first, second, third, third] }],
  ['something is acknowledged that nobody sent', 'sent = acknowledged', { sent: ['film', 'noise'] }],
  ['an upload is lost', 'acknowledged = settled', { uploads: [film, noise] }],
  ['an upload is not settled', 'acknowledged = settled', { uploads: [film, noise, { ...photo, state: 'processing' }] }],
  ['an upload is there twice', 'acknowledged = settled', { uploads: [...uploads, { ...photo, id: 'upload-4' }] }],
  [
    'what was sent later is before',
    'acceptance order',
    { acknowledged: [{ ...first, sequence: 2 }, { ...second, sequence: 1 }, third] },
  ],
  [
    'a sequence changes after it was answered',
    'acceptance order',
    { uploads: [film, noise, { ...photo, sequence: 4 }] },
  ],
  [
    'files of one form change places',
    'acceptance order',
    { acknowledged: [{ ...second, sentAt: 0 }, { ...first, acknowledgedAt: 150 }, third] },
  ],
  [
    'a later one starts before',
    'start order',
    { uploads: [film, noise, { ...photo, startedAt: '2026-01-01T00:00:01.500Z' }] },
  ],
  ['one is never started', 'start order', { uploads: [film, noise, { ...photo, startedAt: undefined }] }],
  ['a later one is rendered before', 'first renders', { rendered: ['upload-2', 'upload-1', 'upload-3'] }],
  ['no log says that one was rendered', 'first renders', { rendered: ['upload-1', 'upload-2'] }],
  ['two render at once', 'renders at once', { beside: { ...good.beside, overlaps: ['1 beside 2'] } }],
  ['no look saw a render', 'renders at once', { beside: { ...good.beside, sightings: 0 } }],
  ['ffmpeg rendered nothing', 'renders at once', { renders: 0 }],
  ['a mail is not sent', 'one mail each', { mails: [alert] }],
  [
    'a batch has two mails',
    'one mail each',
    { mails: [...good.mails, { ...batchMail, messageId: '<2-batch-1@house>' }] },
  ],
  ['a mail is not due', 'one mail each', { mails: [...good.mails, { ...batchMail, messageId: '<batch-2@house>' }] }],
  ['a mail is repeated for no reason', 'one mail each', { mails: [...good.mails, again(batchMail, 50_100)] }],
  ['nobody is told of a failure', 'the operator was told', { mails: [batchMail] }],
  [
    'a failure is told in two alerts',
    'the operator was told',
    { mails: [...good.mails, { ...alert, messageId: '<alert-2@house>' }] },
  ],
  [
    'a variant differs',
    'same as undisturbed',
    { results: new Map([...good.results, ['upload-3', { ...ready, variants: ['360p.mp4 640×360 h264 1.0 s'] }]]) },
  ],
  [
    'a warning differs',
    'same as undisturbed',
    { results: new Map([...good.results, ['upload-3', { ...ready, warning: 'rescued' }]]) },
  ],
  [
    'a manifest is not true',
    'manifests say',
    { results: new Map([...good.results, ['upload-3', { ...ready, untrue: ['has 1 byte, not 2'] }]]) },
  ],
  ['an object is missing', 'originals, records and media', { kept: { ...good.kept, found: ['a'] } }],
  ['an object belongs to nobody', 'originals, records and media', { kept: { ...good.kept, found: ['a', 'b', 'c'] } }],
  ['a half-written object stays', 'half-written', { kept: { ...good.kept, half: ['c'] } }],
  ['something is left', 'no orphan', { remains: { lookedAt: 5, left: ['lock'] } }],
  ['a batch is not recovered', 'batches and uploads', { recovery: { ...good.recovery, after: new Map() } }],
  [
    'a batch is recovered as another',
    'batches and uploads',
    { recovery: { ...good.recovery, after: new Map([['batch-1', 'open']]) } },
  ],
  ['nothing is compared', 'batches and uploads', { recovery: { ...good.recovery, before: new Map() } }],
  ['a recovery mails again', 'batches and uploads', { recovery: { ...good.recovery, mails: [batchMail] } }],
  ['a kill does not happen', 'kills delivered', { trouble: { ...good.trouble, kills: [] } }],
  [
    'a kill that was to hit a busy transcoder hits another',
    'kills delivered',
    { trouble: { ...good.trouble, kills: [killOf('transcoder-1', 1_000)] } },
  ],
  ['an outage does not happen', 'outages delivered', { trouble: { ...good.trouble, outages: [] } }],
])('%s: “%s …” fails', ([, name, change]) => {
  expect(failing(change)).toContainEqual(expect.stringMatching(new RegExp(`^${name}`)));
});

it.for<readonly [string, boolean, Partial<Observation['trouble']>]>([
  ['notification is killed just after it', true, { kills: [killOf('notification', 50_500)] }],
  ['Redis is killed just after it', true, { kills: [killOf('redis', 52_900)] }],
  ['notification was killed long before it', false, { kills: [killOf('notification', 49_000)] }],
  ['notification is killed long after it', false, { kills: [killOf('notification', 53_500)] }],
  ['a transcoder is killed just after it', false, { kills: [killOf('transcoder-1', 50_100)] }],
  ['Redis hangs over it', true, { outages: [{ what: 'redis hangs', from: 49_000, to: 51_000 }] }],
  ['SMTP goes away just after it', true, { outages: [{ what: 'smtp', from: 51_000, to: 60_000 }] }],
  ['SMTP was back before it', false, { outages: [{ what: 'smtp', from: 45_000, to: 49_000 }] }],
  ['the storage is away', false, { outages: [{ what: 'storage', from: 49_000, to: 51_000 }] }],
])('a mail that comes twice, when %s: excused is %s', ([, excused, trouble]) => {
  const mails = [...good.mails, again(batchMail, 58_000)];
  const names = failing({ mails, trouble: { ...good.trouble, ...trouble } });
  expect(names.some((name) => name.startsWith('one mail each'))).toBe(!excused);
});

it.for<readonly [string, Content, Result]>([
  ['noise becomes something', 'noise', ready],
  ['noise fails without a reason', 'noise', { ...failed, reason: undefined }],
  ['a cut-off film has no warning', 'truncated', ready],
  ['a whole one has a warning', 'photo', { ...ready, warning: 'cut off' }],
  ['a whole one becomes nothing', 'photo', { ...ready, variants: [] }],
])('undisturbed, %s: the check fails', ([, content, result]) => {
  const names = failing({}, new Map([...undisturbed, [content, result]]));
  expect(names).toContain('undisturbed, each content becomes what it is meant to');
});

it('what ffprobe finds is held against the manifest', () => {
  const variant = { name: '360p', file: '360p.mp4', key: 'k', contentType: 'video/mp4', bytes: 1 };
  const says = { ...variant, width: 640, height: 360, durationSeconds: 2 };
  const media = { codecs: ['h264'], width: 640, height: 360, seconds: 2.04 };
  expect(differences(says, media)).toEqual([]);
  expect(differences(says, { ...media, width: 320 })).toEqual(['360p.mp4 is 320×360, not 640×360']);
  expect(differences(says, { ...media, seconds: 2.2 })).toEqual(['360p.mp4 lasts 2.2 s, not 2 s']);
  expect(differences(variant, { ...media, width: undefined, height: undefined })).toHaveLength(1);
});
