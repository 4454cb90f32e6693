/**
 * Swedish Television's Encore makes all rungs in one process, each scaled from the source: average bitrates, medium with
 * much more motion search and lookahead. Its profile asks for two passes; one pass is what is run here, half the cost.
 * https://github.com/svt/encore: encore-common/src/test/resources/profile/program.yml, CommandBuilder.kt at dc426c0.
 * Its rung of 540 lines is made with 480, so that rungs compare, and the clip's frame rate is kept.
 */
import type { Peer } from '../contender.ts';

interface Rate {
  readonly average: number;
  readonly peak: number;
  readonly buffer: number;
  readonly profile: string;
  readonly level: string;
  readonly audio: string;
}

const rates: Readonly<Record<number, Rate>> = {
  1080: { average: 3_100_000, peak: 4_700_000, buffer: 6_200_000, profile: 'high', level: '4.1', audio: '128k' },
  720: { average: 2_069_000, peak: 3_104_000, buffer: 4_138_000, profile: 'main', level: '3.1', audio: '128k' },
  480: { average: 1_312_000, peak: 1_968_000, buffer: 2_524_000, profile: 'main', level: '3.1', audio: '96k' },
  360: { average: 806_121, peak: 1_209_182, buffer: 1_612_242, profile: 'main', level: '3.1', audio: '96k' },
};

const params = [
  'deblock=0,0:aq-mode=1:aq-strength=1.0:b-adapt=2:bframes=6:b-bias=0:b-pyramid=2:chroma-qp-offset=-2:direct=auto',
  'rc-lookahead=60:keyint=192:keyint_min=96:me=hex:merange=16:cabac=1:partitions=all:ref=4:scenecut=40:subme=9',
  'trellis=2:weightp=2',
].join(':');

export const encore: Peer = {
  name: 'Encore, one pass',
  runs(clip, lines) {
    const rungs = lines.flatMap((rung) => {
      const rate = rates[rung];
      return rate ? [{ rung, rate }] : [];
    });
    const labels = rungs.map(({ rung }) => `[in${rung}]`).join('');
    const scales = rungs.map(({ rung }) => `[in${rung}]scale=-2:${rung}:flags=bicubic,setsar=1[out${rung}]`);
    const outputs = rungs.flatMap(({ rung, rate }) => [
      ...[
        '-map',
        `[out${rung}]`,
        ...(clip.audio ? ['-map', '0:a:0', '-c:a', 'aac', '-b:a', rate.audio, '-ac', '2'] : []),
      ],
      ...[
        '-c:v',
        'libx264',
        '-b:v',
        String(rate.average),
        '-maxrate',
        String(rate.peak),
        '-bufsize',
        String(rate.buffer),
      ],
      ...['-r', clip.rate, '-fps_mode', 'cfr', '-pix_fmt', 'yuv420p', '-force_key_frames', 'expr:not(mod(n,96))'],
      ...['-profile:v', rate.profile, '-level', rate.level, '-x264-params', params, '-map_metadata', '-1'],
      ...['-movflags', '+faststart', `${rung}.mp4`],
    ]);
    return [
      {
        makes: rungs.map(({ rung }) => ({ lines: rung, file: `${rung}.mp4` })),
        args: [
          ...['-y', '-i', clip.file],
          ...['-filter_complex', `[0:v:0]split=${rungs.length}${labels};${scales.join(';')}`, ...outputs],
        ],
      },
    ];
  },
};
