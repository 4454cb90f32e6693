import { describe, expect, it } from 'vitest';
import { html } from '../../shared/html.ts';

describe('an html template', () => {
  it('escapes what is put into it, in text and in attributes', () => {
    const hostile = `"><script>alert('x')</script>&amp;`;
    expect(html`<a title="${hostile}">${hostile}</a>`.toString()).toBe(
      '<a title="&#34;&#62;&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;&#38;amp;">' +
        '&#34;&#62;&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;&#38;amp;</a>',
    );
  });

  it('takes other templates as they are, alone and in lists', () => {
    const items = ['<1>', '<2>'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${html`<p>${3}</p>`}`.toString()).toBe(
      '<ul><li>&#60;1&#62;</li><li>&#60;2&#62;</li></ul><p>3</p>',
    );
  });
});
