// New HTML into an element that shows almost the same: texts change in place, so that a selection survives.

/** Make `element`'s content that of `html`. Styles and scripts are left out. */
export function patchHtml(element, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const unwanted of template.content.querySelectorAll("style, script")) unwanted.remove();
  patchChildren(element, template.content);
}

function patchChildren(present, wanted) {
  const fresh = [...wanted.childNodes];
  const old = [...present.childNodes];
  for (const [k, node] of fresh.entries()) {
    if (k >= old.length) present.append(node);
    else if (!isAlike(old[k], node)) old[k].replaceWith(node);
    else if (node.nodeType === Node.TEXT_NODE) {
      if (old[k].data !== node.data) old[k].data = node.data;
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      patchAttributes(old[k], node);
      patchChildren(old[k], node);
    }
  }
  for (const node of old.slice(fresh.length)) node.remove();
}

function isAlike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName;
}

function patchAttributes(present, wanted) {
  for (const { name } of [...present.attributes]) if (!wanted.hasAttribute(name)) present.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (present.getAttribute(name) !== value) present.setAttribute(name, value);
}
