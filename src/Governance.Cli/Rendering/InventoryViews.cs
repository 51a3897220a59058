using Governance.Client.Contracts;
using Governance.Core.Inventory;
using Spectre.Console;

namespace Governance.Cli.Rendering;

/// <summary>Models, datasets and versions on a terminal.</summary>
internal static class InventoryViews
{
    public static void Models(IAnsiConsole console, Page<ModelSummary> page)
    {
        Draw.Rows(console, ["model", "name", "tier", "owner", "versions", "champion", "latest"], page.Items.Select(m => (IReadOnlyList<string>)
            [m.Id, m.Name, Draw.Tier(m.Tier, m.TierConfirmed), m.Owner, Draw.Number(m.Versions), Draw.Number(m.Champion), m.LatestStatus is { } s ? Draw.Word(s) : ""]));
        More(console, page.Next);
    }

    public static void Model(IAnsiConsole console, ModelDetails model)
    {
        var r = model.Registration;
        Draw.Title(console, $"{r.Id}: {r.Name}");
        Draw.Fields(console,
            ("use", r.Use),
            ("tier", Draw.Tier(r.Tier, model.TierConfirmed)),
            ("owner", r.Owner),
            ("developers", string.Join(", ", r.Developers)),
            ("jurisdictions", string.Join(", ", r.Jurisdictions)),
            ("automation", Draw.Word(r.Automation)),
            ("domain", r.Domain is { } domain ? Draw.Word(domain) : null),
            ("vendor", r.Vendor),
            ("registered", $"{Draw.Time(model.RegisteredAt)} by {model.RegisteredBy}"),
            ("champion", model.Champion is { } champion ? "version " + Draw.Number(champion) : "none"));
        Draw.Rows(console, ["version", "status", "artifact", "submitted", "by", "evidence", "gate", "description"], model.Versions.Select(v => (IReadOnlyList<string>)
        [
            Draw.Number(v.Number), Draw.Word(v.Status), v.Artifact.Abbreviated, Draw.Time(v.SubmittedAt), v.SubmittedBy, Draw.Number(v.Evidence),
            v.LastGate is { } gate ? Draw.Word(gate) : "", v.Description,
        ]));
    }

    public static void Datasets(IAnsiConsole console, Page<DatasetDetails> page)
    {
        Draw.Rows(console, ["dataset", "name", "use", "rows", "features", "label", "digest"], page.Items.Select(d => d.Registration).Select(d => (IReadOnlyList<string>)
            [d.Id, d.Name, Draw.Word(d.Use), Draw.Number(d.Rows), Draw.Number(d.Features.Count), d.Label, d.Digest.Abbreviated]));
        More(console, page.Next);
    }

    public static void Dataset(IAnsiConsole console, DatasetDetails dataset)
    {
        var d = dataset.Registration;
        Draw.Title(console, $"{d.Id}: {d.Name}");
        Draw.Fields(console,
            ("use", Draw.Word(d.Use)),
            ("rows", Draw.Number(d.Rows)),
            ("features", string.Join(", ", d.Features)),
            ("label", d.Label),
            ("protected", string.Join(", ", d.Protected.Select(p => $"{p.Key} (reference {p.Value})"))),
            ("subject id", d.SubjectId),
            ("legal basis", d.LegalBasis),
            ("retention", $"{Draw.Number(d.RetentionMonths)} months"),
            (d.Parts is null ? "file" : "digest", d.Digest.ToString()),
            ("parts", d.Parts is { } parts ? string.Join(", ", parts.Select(p => $"{p.File.Abbreviated} ({Draw.Number(p.Rows)} rows)")) : null),
            ("made from", d.Origin is { } origin ? Origin(origin) : null),
            ("schema", d.SchemaDigest.ToString()));
    }

    public static void Lineage(IAnsiConsole console, DatasetLineageDetails lineage) =>
        Draw.Rows(console, ["step", "dataset", "digest", "made from"], lineage.Steps.Select(s => (IReadOnlyList<string>)
            [Draw.Number(s.Depth), string.Join(", ", s.Datasets), s.Digest.Abbreviated, s.Origin is { } origin ? Origin(origin) : "a source"]));

    private static string Origin(DatasetOrigin origin) =>
        $"{string.Join(", ", origin.Parents.Select(p => p.Abbreviated))}: {origin.Recipe}{(origin.Code is { } code ? $" (program {code.Abbreviated})" : "")}";

    public static void Version(IAnsiConsole console, VersionDetails version)
    {
        var s = version.Submission;
        Draw.Title(console, $"{version.ModelId} version {s.Number}: {Draw.Word(version.Status)}");
        Draw.Fields(console,
            ("reason", version.StatusReason),
            ("description", s.Description),
            ("artifact", s.Artifact.ToString()),
            ("data", $"{s.TrainingDataset} (training), {s.EvaluationDataset} (evaluation)"),
            ("decision", $"label 1 at score >= {Draw.Number(s.Threshold)}; {Draw.Number(s.FavourablePrediction)} is good for the person"),
            ("submitted", $"{Draw.Time(version.SubmittedAt)} by {version.SubmittedBy}"),
            ("binding", version.Binding.ToString()),
            ("gate", version.LastGate is { } gate ? Draw.Word(gate.Status) : "not asked yet"));
        if (version.Evidence.Count > 0)
        {
            Draw.Rows(console, ["evidence", "finding", "entry"], version.Evidence.Select(e => (IReadOnlyList<string>)[e.Check, e.Summary, Draw.Number(e.LedgerIndex)]));
        }

        if (version.Documents.Count > 0)
        {
            Draw.Rows(console, ["document", "title", "attached by", "time", "expires", "file"], version.Documents.Select(d => (IReadOnlyList<string>)
                [d.Kind, d.Title, $"{d.AttachedBy} ({d.Role})", Draw.Time(d.Time), d.Expires is { } end ? Draw.Time(end) : "", d.File.Abbreviated]));
        }

        if (version.SignOffs.Count > 0)
        {
            Draw.Rows(console, ["signed by", "role", "meaning", "time", "valid", "comment"], version.SignOffs.Select(o => (IReadOnlyList<string>)
                [$"{o.PersonName} ({o.Person})", o.Role, Draw.Word(o.Meaning), Draw.Time(o.Time), o.Valid ? "yes" : "no, changed since", o.Comment]));
        }
    }

    public static void More(IAnsiConsole console, string? next)
    {
        if (next is not null)
        {
            Draw.Line(console, $"More: --page-token {next}");
        }
    }
}
