/** The multiply-adds of a convolution and of its separable form, as bars on one scale. */
const names = ['f', 'n', 'm', 'k'] as const;
type Sizes = Readonly<Record<(typeof names)[number], number>>;

export function costOf({ f, n, m, k }: Sizes) {
  const depthwise = f ** 2 * n * k ** 2;
  const pointwise = f ** 2 * n * m;
  return { ordinary: pointwise * k ** 2, depthwise, pointwise, separable: depthwise + pointwise };
}

/** Three digits, and the unit that people say. */
export function inWords(count: number): string {
  const [size, word] = count >= 1e9 ? [1e9, ' billion'] : count >= 1e6 ? [1e6, ' million'] : [1, ''];
  return size === 1 ? new Intl.NumberFormat('en').format(count) : `${(count / size).toPrecision(3)}${word}`;
}

if (globalThis.customElements)
  customElements.define(
    'drawn-cost',
    class extends HTMLElement {
      connectedCallback() {
        this.addEventListener('input', ({ target }) => {
          const { name, value } = target as HTMLInputElement;
          if (name === 'preset') this.set(value);
          else
            for (const radio of this.querySelectorAll<HTMLInputElement>('[name=preset]'))
              radio.checked = false;
          this.draw();
        });
        this.set(this.querySelector<HTMLInputElement>('[name=preset]:checked')?.value ?? '19 728 728 3');
        this.draw();
      }

      field(name: string): HTMLInputElement {
        return this.querySelector(`input[name=${name}]`)!;
      }

      set(preset: string) {
        preset.split(' ').forEach((value, i) => {
          this.field(names[i]).value = value;
        });
      }

      draw() {
        const sizes = Object.fromEntries(
          names.map((name) => [name, Number(this.field(name).value)]),
        ) as Sizes;
        const cost = costOf(sizes);
        const longest = Math.max(cost.ordinary, cost.separable);
        const show = (name: string, text: string) => {
          this.querySelector(`[data-of=${name}]`)!.textContent = text;
        };
        for (const name of names) show(name, String(sizes[name]));
        for (const name of ['ordinary', 'depthwise', 'pointwise'] as const)
          this.querySelector<HTMLElement>(`[data-bar=${name}]`)!.style.width =
            `${(68 * cost[name]) / longest}%`;
        show('ordinary', inWords(cost.ordinary));
        show('separable', inWords(cost.separable));
        const { m, k } = sizes;
        show(
          'ratio',
          `${(1 / m + 1 / k ** 2).toPrecision(3)}, ${(cost.ordinary / cost.separable).toPrecision(2)} times fewer`,
        );
      }
    },
  );
