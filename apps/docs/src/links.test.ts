import { expect, test } from 'vitest';
import { deadLinks, readPage } from '../build/links.ts';

const pages = [
  readPage(
    '/',
    `<a href="/guide/">a</a><a href="guide/#there">b</a><a href="/guide/#gone">c</a><a href="/away/">d</a>
     <img srcset="/small.png 1x, /large.png 2x"><script src="/code.js"></script><a href="https://other.example/x">e</a>
     <a href="#top">f</a><a href="mailto:a@b">g</a><i id="top"></i>`,
  ),
  readPage('/guide/', '<h2 id="there">There</h2><a href="../">up</a><a href="?tab=1">same</a>'),
];

test('what leads nowhere is named with its page; other hosts are not followed', () => {
  const files = ['/small.png', '/code.js'];
  expect(deadLinks(pages, (path) => files.includes(path))).toEqual([
    '/: /guide/#gone',
    '/: /away/',
    '/: /large.png',
  ]);
});
