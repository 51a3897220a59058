using Governance.Reports.Definitions;
using Governance.Reports.Documents;

namespace Governance.Reports.Erasure.Sections;

/// <summary>The request and its clock.</summary>
internal sealed class Request : IReportSection<ErasureCertificateInput>
{
    public string Id => "request";

    public IReadOnlyList<WordingKey> Wording { get; } = [new("lead"), new("in_time", "due"), new("late", "due")];

    public IEnumerable<Block> Build(ErasureCertificateInput input, Wording wording)
    {
        yield return new Paragraph(wording.Text("lead"), ParagraphStyle.Lead);
        yield return new Facts(
        [
            new("Request", new Code(input.RequestId)),
            new("Subject (pseudonym)", new Code(input.SubjectReference)),
            new("Ground", input.Ground),
            new("Received", NumberText.Time(input.ReceivedAt)),
            new("Extension", input.Extension is { } e ? $"until {NumberText.Date(e.Until)}: {e.Reason}" : "none"),
            new("Due", NumberText.Date(input.Due)),
            new("Completed", NumberText.Time(input.CompletedAt)),
        ]);
        var inTime = DateOnly.FromDateTime(input.CompletedAt.UtcDateTime) <= input.Due;
        yield return new Callout(inTime ? Tone.Good : Tone.Bad, inTime ? "Within the period" : "Late",
            wording.Text(inTime ? "in_time" : "late", ("due", NumberText.Date(input.Due))));
    }
}
