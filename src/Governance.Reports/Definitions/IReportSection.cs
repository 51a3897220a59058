using Governance.Reports.Documents;

namespace Governance.Reports.Definitions;

/// <summary>
/// One section of a kind of report. To add one: write a class, list it in its report's kind, name it in the yaml.
/// Implementations are stateless and pure.
/// </summary>
/// <typeparam name="TInput">Everything the report is made from.</typeparam>
public interface IReportSection<in TInput>
{
    /// <summary>How the definition names it.</summary>
    string Id { get; }

    /// <summary>The texts it reads; the definition must have exactly these.</summary>
    IReadOnlyList<WordingKey> Wording { get; }

    IEnumerable<Block> Build(TInput input, Wording wording);
}
