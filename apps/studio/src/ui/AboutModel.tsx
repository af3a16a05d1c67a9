import type { ComponentChildren } from 'preact';
import type { About } from '../worker/about.ts';
import { short } from './format.ts';

/** How many names of what was left over are shown. */
const shownNames = 6;

/** What was recognised in a checkpoint of somebody's own. */
export function AboutModel({ about }: { about: About }) {
  const { file, format, source, network, outputStride, classes, labels, parameters, aside } = about;
  return (
    <dl class="about" aria-label={`What ${file} is`}>
      <Fact title="File">
        {file}: {format}
      </Fact>
      <Fact title="Weights of">{source}</Fact>
      <Fact title="Network">
        {`${network}, output stride ${outputStride}, ${short(parameters)} parameters`}
      </Fact>
      <Fact title="Classes">
        {labels ? `${classes}, as many as ${labels} has` : `${classes}, without names`}
      </Fact>
      <Fact title="Tensors">{tensorsOf(about)}</Fact>
      {about.left.length > 0 && <Fact title="Left over">{listOf(about.left)}</Fact>}
      {aside.length > 0 && <Fact title="Not used">{listOf(aside)}</Fact>}
    </dl>
  );
}

function Fact({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function tensorsOf({ used, wrapper, unneeded, left }: About): string {
  const behind = wrapper ? `, all behind “${wrapper}”` : '';
  const spare = unneeded > 0 ? `, ${unneeded} that only training needs` : '';
  return `${used} used${behind}${spare}, ${left.length} left over`;
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, shownNames).join(', ');
  return names.length > shownNames ? `${shown}, … and ${names.length - shownNames} more` : shown;
}
