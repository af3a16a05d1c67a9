import { expect, test } from 'vitest';
import { type Knowledge, known } from './regions.ts';
import { secondLook } from './second_look.ts';
import { gridsOf } from './working_picture.ts';

/** 4 × 1 cells of 4 × 4 blocks: one inside, two unknown, one outside. */
const grids = gridsOf({ width: 16, height: 4 }, { width: 2, height: 1 });
const knowledge: Knowledge = {
  state: Uint8Array.of(known.inside, known.unknown, known.unknown, known.outside),
  isOpen: Uint8Array.of(1, 1, 1, 1),
  inside: Float32Array.of(1, 0.5, 0, 0),
  outside: Float32Array.of(0, 0, 0.5, 1),
};
/** The alpha of blocks out of one for each cell. */
const alphaOf = (...cells: number[]) => Float32Array.from({ length: 64 }, (_, i) => cells[(i % 16) >> 2]);

test('the scene is as the test says', () => {
  expect([grids.block, grids.cell, grids.cellsAcross, grids.cellsDown]).toEqual([1, 4, 4, 1]);
});

test('cells that came out wholly inside or outside tell more than those that were known', () => {
  const { inside, outside } = secondLook(alphaOf(1, 1, 0, 0), knowledge, grids);
  expect([...inside]).toEqual([1, 2, 0, 0]);
  expect([...outside]).toEqual([0, 0, 2, 1]);
});

test('a cell that is partly covered tells as much less', () => {
  const { inside, outside } = secondLook(alphaOf(1, 0.5, 0.5, 0), knowledge, grids);
  expect([...inside]).toEqual([1, 0.25, 0, 0]);
  expect([...outside]).toEqual([0, 0, 0.25, 1]);
});

test('a side that nothing tells of any more keeps what it had', () => {
  const few = { ...knowledge, inside: Float32Array.of(0, 0.5, 0, 0), outside: Float32Array.of(0, 0, 0.5, 0) };
  const out = secondLook(alphaOf(1, 0, 0, 0), few, grids);
  expect([...out.inside]).toEqual([0, 0.5, 0, 0]);
  expect([...out.outside]).toEqual([0, 2, 2, 0]);
});
