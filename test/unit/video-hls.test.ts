import { describe, expect, it } from 'vitest';
import {
  masterPlaylist,
  mediaPlaylist,
  type Stream,
  subtitlePlaylist,
} from '../../services/transcoder/video/hls/playlists.ts';
import {
  averageBandwidth,
  peakBandwidth,
  segmentsOf,
  targetSeconds,
} from '../../services/transcoder/video/hls/segments.ts';

/** Fragments that follow each other from byte 1000 on. */
function fragments(...all: readonly (readonly [seconds: number, bytes: number])[]) {
  let offset = 1000;
  return all.map(([seconds, bytes]) => {
    offset += bytes;
    return { seconds, bytes, offset: offset - bytes };
  });
}

describe('segments', () => {
  it('are so many fragments each, and the last what is left', () => {
    expect(segmentsOf(fragments([2, 10], [2, 20], [2, 30], [2, 40], [0.5, 5]), 2)).toEqual([
      { offset: 1000, bytes: 30, seconds: 4 },
      { offset: 1030, bytes: 70, seconds: 4 },
      { offset: 1100, bytes: 5, seconds: 0.5 },
    ]);
  });

  it('have a target that none is longer than, once rounded, and that is never 0', () => {
    expect(targetSeconds(fragments([4.004, 1], [4.004, 1], [1, 1]))).toBe(4);
    expect(targetSeconds(fragments([3.6, 1]))).toBe(4);
    expect(targetSeconds(fragments([0.04, 1]))).toBe(1);
  });

  it('have a bandwidth on average, and at their peak', () => {
    const segments = fragments([4, 500_000], [4, 1_000_000], [4, 600_000]);
    expect(averageBandwidth(segments)).toBe(1_400_000);
    expect(peakBandwidth(segments)).toBe(2_000_000);
  });

  it('that are too short to count for themselves are counted with their neighbours', () => {
    // 40 ms at 20 Mbit/s are no peak of 20 Mbit/s; two segments of 2 s side by side are.
    expect(peakBandwidth(fragments([4, 500_000], [0.04, 100_000]))).toBe(Math.ceil((600_000 * 8) / 4.04));
    expect(peakBandwidth(fragments([4, 500_000], [2, 500_000], [1.9, 500_000]))).toBe(Math.ceil((1_000_000 * 8) / 3.9));
    expect(peakBandwidth(fragments([0.2, 1000]))).toBe(40_000);
  });
});

const stream = (file: string, width: number, height: number, bytes: number): Stream => ({
  file,
  size: { width, height },
  framesPerSecond: 30_000 / 1001,
  codecs: 'avc1.64001f,mp4a.40.2',
  segments: fragments([4, bytes], [4, bytes / 2]),
});

describe('playlists', () => {
  it('of a rung name the byte ranges of its file', () => {
    expect(mediaPlaylist('720p.mp4', 900, fragments([4.004, 5000], [1.5, 700]))).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:7',
        '#EXT-X-TARGETDURATION:4',
        '#EXT-X-PLAYLIST-TYPE:VOD',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-MAP:URI="720p.mp4",BYTERANGE="900@0"',
        '#EXTINF:4.00400,',
        '#EXT-X-BYTERANGE:5000@1000',
        '720p.mp4',
        '#EXTINF:1.50000,',
        '#EXT-X-BYTERANGE:700@6000',
        '720p.mp4',
        '#EXT-X-ENDLIST',
        '',
      ].join('\n'),
    );
  });

  it('of subtitles have one segment', () => {
    expect(subtitlePlaylist('subtitles_1_en.vtt', 9.5)).toContain(
      '#EXT-X-TARGETDURATION:10\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:9.50000,\nsubtitles_1_en.vtt\n#EXT-X-ENDLIST\n',
    );
  });

  it('name each rung with what a player has to know, and first the best below 2 Mbit/s', () => {
    const streams = [
      stream('360p.m3u8', 640, 360, 400_000),
      stream('480p.m3u8', 854, 480, 800_000),
      stream('720p.m3u8', 1280, 720, 2_000_000),
    ];
    expect(masterPlaylist(streams, [])).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:7',
        '#EXT-X-INDEPENDENT-SEGMENTS',
        '#EXT-X-STREAM-INF:BANDWIDTH=1600000,AVERAGE-BANDWIDTH=1200000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=29.970,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE',
        '480p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=800000,AVERAGE-BANDWIDTH=600000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=29.970,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE',
        '360p.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=4000000,AVERAGE-BANDWIDTH=3000000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE',
        '720p.m3u8',
        '',
      ].join('\n'),
    );
    expect(masterPlaylist(streams.slice(2), [])).toContain('\n720p.m3u8\n');
  });

  it('name subtitles, whose labels cannot break out of their quotes', () => {
    const subtitles = [
      { file: 'subtitles_1_en.m3u8', label: 'English "full"\n#EXT-X-KEY', language: 'en' },
      { file: 'subtitles_2.m3u8', label: 'Notes', language: undefined },
    ];
    const text = masterPlaylist([stream('360p.m3u8', 640, 360, 400_000)], subtitles);
    expect(text).toContain(
      '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subtitles",NAME="English  full #EXT-X-KEY",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,URI="subtitles_1_en.m3u8"\n',
    );
    expect(text).toContain('NAME="Notes",DEFAULT=NO');
    expect(text).toMatch(/#EXT-X-STREAM-INF:.*,SUBTITLES="subtitles"\n/);
  });
});
