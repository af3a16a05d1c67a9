/** Follows every link of the built site: pages, anchors, scripts, styles and pictures must be there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Parser } from 'htmlparser2';

interface Page {
  /** As its address has it: `/guides/cut-outs/`. */
  readonly path: string;
  readonly links: readonly string[];
  readonly ids: ReadonlySet<string>;
}

/** What a page refers to, and what may be referred to in it. */
export function readPage(path: string, html: string): Page {
  const links: string[] = [];
  const ids = new Set<string>();
  const parser = new Parser({
    onopentag(_name, { href, src, srcset, id, name }) {
      links.push(
        ...[href, src, ...(srcset?.split(',').map((one) => one.trim().split(' ')[0]) ?? [])].filter(Boolean),
      );
      for (const one of [id, name]) if (one) ids.add(one);
    },
  });
  parser.end(html);
  return { path, links, ids };
}

/**
 * The links that lead nowhere, each with the page that it stands on. Links to other hosts are not followed.
 * @param isFile whether the site has this file, which is no page
 */
export function deadLinks(pages: readonly Page[], isFile: (path: string) => boolean): string[] {
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return pages.flatMap(({ path, links }) =>
    [...new Set(links)].flatMap((link) => {
      const url = new URL(link, `http://site${path}`);
      if (url.host !== 'site' || url.protocol !== 'http:') return [];
      const to = decodeURIComponent(url.pathname);
      const anchor = decodeURIComponent(url.hash.slice(1));
      const page = byPath.get(to);
      if (!page) return isFile(to) ? [] : [`${path}: ${link}`];
      return anchor === '' || page.ids.has(anchor) ? [] : [`${path}: ${link}`];
    }),
  );
}

/** @throws Error that lists the dead links of the site in this folder */
export function checkLinks(folder: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) =>
    file.replaceAll('\\', '/'),
  );
  const pages = files
    .filter((file) => file.endsWith('.html'))
    .map((file) =>
      readPage(`/${file.replace(/(^|\/)index\.html$/, '$1')}`, readFileSync(join(folder, file), 'utf8')),
    );
  const isFile = (path: string) => existsSync(join(folder, path)) && statSync(join(folder, path)).isFile();
  const dead = deadLinks(pages, isFile);
  if (dead.length > 0) throw new Error(`${dead.length} dead links:\n${dead.join('\n')}`);
  const count = pages.reduce((sum, { links }) => sum + links.length, 0);
  console.log(`${pages.length} pages, ${count} links, none dead`);
}
