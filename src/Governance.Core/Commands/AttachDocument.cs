using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Core.Inventory;

namespace Governance.Core.Commands;

/// <summary>
/// Attaches a document, already in the artefact store, to a version: the facts rules need that no check can measure. A later document of the same kind
/// replaces the earlier one (adjustments: of the same title). Signatures made before no longer count: they covered other documents.
/// </summary>
/// <param name="Kind">Name of a <see cref="DocumentKind"/>.</param>
/// <param name="Expires">From then on it no longer counts; null for no end.</param>
/// <param name="Covers">Features a reason catalogue maps; empty for other kinds.</param>
public sealed record AttachDocument(
    string ModelId, int Version, string Kind, string Title, Digest File, DateTimeOffset? Expires, IReadOnlyList<string> Covers) : Command
{
    private const int MostDocuments = 200;

    public override string Stream => "model/" + ModelId;

    public override Decision Decide(DecisionContext context)
    {
        if (DocumentKind.Find(Kind) is not { } kind)
        {
            return Refusal.Invalid("unknown-document-kind", $"There is no kind of document '{Kind}'. The kinds are: {string.Join(", ", DocumentKind.All.Select(k => k.Name))}.");
        }

        if (context.Require($"attach a document of kind {Kind}", [.. kind.AttachedBy]) is { } refusal)
        {
            return refusal;
        }

        if (context.State.Version(ModelId, Version) is not { } version)
        {
            return context.State.Model(ModelId) is null ? Unknown.Model(ModelId) : Unknown.Version(ModelId, Version);
        }

        var faults = Faults(context.Now).ToList();
        if (faults.Count > 0)
        {
            return Refusal.Invalid("invalid-document", "The document's entry is incomplete or wrong.") with { Faults = faults };
        }

        if (version.Documents.Count >= MostDocuments)
        {
            return Refusal.Conflict("too-many-documents", $"A version has at most {MostDocuments} documents.");
        }

        var role = kind.AttachedBy.First(context.Caller.Is);
        return Decision.Accept(new DocumentAttached(ModelId, Version, Kind, Title, File, Expires, role.Name(), Covers));
    }

    private IEnumerable<string> Faults(DateTimeOffset now)
    {
        if (!Text.IsLine(Title, 200))
        {
            yield return "title: one line of 1 to 200 characters.";
        }

        if (Expires <= now)
        {
            yield return "expires: a time to come.";
        }

        if (Kind == DocumentKind.Adjustment && Expires is null)
        {
            yield return "expires: an adjustment must end.";
        }
    }
}
