package main

import (
	"fmt"
	"math"
	"strings"
)

// The plot's measures, in pixels.
const (
	labelWidth = 130
	plotWidth  = 560
	valueWidth = 90
	barHeight  = 12
	groupSpace = 14
	legendLine = 16
	margin     = 12
)

// colours are the programs', in their order: neither too light nor too dark for a
// white or a black page.
var colours = []string{"#777777", "#999999", "#bbbbbb", "#1f77b4", "#7fb2dd", "#2ca08c", "#d9822b"}

// plot draws the ratios as bars, on a logarithmic scale that begins at 1.
func (t *table) plot() string {
	most := 10.0
	for _, w := range t.works {
		for _, f := range t.figures(w) {
			most = max(most, f.ratio)
		}
	}
	scale := func(ratio float64) float64 { return plotWidth * math.Log(max(ratio, 1)) / math.Log(most) }
	var b strings.Builder
	y := margin + 14
	text := func(x float64, y int, anchor, s string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="%s">%s</text>`+"\n", x, y, anchor, escape.Replace(s))
	}
	text(margin, y, "start", "The processor's time for a request, as a multiple of an echo's (logarithmic)")
	for _, line := range t.machine[1:] {
		y += legendLine
		text(margin, y, "start", line)
	}
	y += legendLine / 2
	for i, p := range t.programs {
		y += legendLine
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="10" height="10" fill="%s"/>`+"\n", margin, y-9, colours[i%len(colours)])
		text(margin+16, y, "start", p.name)
	}
	y += groupSpace
	top := y
	for _, w := range t.works {
		figures := t.figures(w)
		text(margin+labelWidth-8, y+len(figures)*barHeight/2+4, "end", w.name)
		for _, f := range figures {
			colour := colours[0]
			for i, p := range t.programs {
				if p.name == f.program {
					colour = colours[i%len(colours)]
				}
			}
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", margin+labelWidth, y, max(scale(f.ratio), 1), barHeight-2, colour)
			text(margin+labelWidth+scale(f.ratio)+4, y+barHeight-3, "start", fmt.Sprintf("%.3g", f.ratio))
			y += barHeight
		}
		y += groupSpace
	}
	for tick := 1.0; tick <= most; tick *= 10 {
		x := margin + labelWidth + scale(tick)
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="#888" stroke-opacity="0.4"/>`+"\n", x, top-4, x, y)
		text(x, y+14, "middle", fmt.Sprintf("%.0f", tick))
	}
	width, height := 2*margin+labelWidth+plotWidth+valueWidth, y+14+margin
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">
<rect width="100%%" height="100%%" fill="#fff"/>
%s</svg>
`, width, height, width, height, b.String())
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
