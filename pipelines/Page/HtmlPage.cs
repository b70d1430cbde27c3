using System.Net;
using System.Text;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Page;

/// <summary>A page that is one file: its style and its drawings stand in it, nothing is loaded. Every text is escaped.</summary>
internal sealed class HtmlPage(string title)
{
    private readonly StringBuilder _body = new();

    public void Heading(string text) => _body.Append("<h2>").Append(Escaped(text)).Append("</h2>\n");

    public void Paragraph(string text) => _body.Append("<p>").Append(Escaped(text)).Append("</p>\n");

    /// <summary>A table whose first column is text and whose others are numbers.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        _body.Append("<table><thead><tr>");
        foreach (var column in columns) _body.Append("<th>").Append(Escaped(column)).Append("</th>");
        _body.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            _body.Append("<tr>");
            foreach (var cell in row) _body.Append("<td>").Append(Escaped(cell)).Append("</td>");
            _body.Append("</tr>\n");
        }
        _body.Append("</tbody></table>\n");
    }

    /// <summary>A drawing with what it shows.</summary>
    public void Figure(string svg, string caption) => _body.Append("<figure>").Append(svg).Append("<figcaption>").Append(Escaped(caption)).Append("</figcaption></figure>\n");

    /// <summary>Writes the file.</summary>
    public void Write(FileInfo file)
    {
        using var result = new PartialFile(file);
        result.Stream.Write(Encoding.UTF8.GetBytes(Text()));
        result.Keep();
    }

    public string Text() => $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{Escaped(title)}}</title>
        <style>
        :root { color-scheme: light dark; --line: light-dark(#ccc, #444); --one: light-dark(#1f5fa8, #7db4ee); --faint: light-dark(#888, #999); }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
        table { display: block; overflow-x: auto; border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
        th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
        th:first-child, td:first-child { text-align: left; }
        figure { display: inline-block; margin: 0 1.5rem 1rem 0; vertical-align: top; }
        figcaption { font-size: .85rem; max-width: 22rem; }
        svg { max-width: 100%; height: auto; } svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
        .axis { stroke: var(--line); fill: none; } .diagonal { stroke: var(--faint); stroke-dasharray: 4 4; } .mark { fill: var(--one); }
        .curve { stroke: var(--one); fill: none; stroke-width: 2; } .other1, .other2, .other3, .other4 { stroke-width: 1.2; }
        .other1 { stroke: light-dark(#c05a00, #f0a050); } .other2 { stroke: light-dark(#1b7f5c, #5fc9a2); stroke-dasharray: 6 3; }
        .other3 { stroke: light-dark(#a03a78, #e08cc0); stroke-dasharray: 2 2; } .other4 { stroke: var(--faint); stroke-dasharray: 8 3 2 3; }
        </style>
        </head>
        <body>
        <h1>{{Escaped(title)}}</h1>
        {{_body}}</body>
        </html>

        """;

    internal static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
