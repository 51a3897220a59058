using Governance.Data.Csv;
using Governance.Data.Synthetic;

namespace Governance.Data.Tests.Synthetic;

public sealed class SyntheticLenderTests
{
    private static readonly SyntheticPortfolio Portfolio = SyntheticLender.Generate(seed: 5);

    [Fact]
    public async Task Tables_WrittenAndReadByTheirSchema_ComeBackTheSame()
    {
        foreach (var table in new[] { Portfolio.History, Portfolio.Reviewed, Portfolio.Evaluation })
        {
            var bytes = CsvTableWriter.Write(table);
            using var stream = new MemoryStream(bytes);

            var outcome = await CsvTableReader.ReadAsync(stream, Portfolio.Schema, CsvLimits.Default, TestContext.Current.CancellationToken);

            Assert.True(outcome.Succeeded, string.Join(' ', outcome.Faults));
            Assert.Equal(bytes, CsvTableWriter.Write(outcome.Table));
        }
    }

    [Fact]
    public void History_AgainstReview_OverRecordsDefaultsOfMigrantsOnly()
    {
        var recorded = Labels(Portfolio.History);
        var truth = Labels(Portfolio.Reviewed);
        var origin = (CategoryColumn)Portfolio.History["origin"];
        var migrant = origin.Levels.Index().Single(l => l.Item == "migrant").Index;
        var repaid = Enumerable.Range(0, recorded.Length).Where(i => truth[i] == 0).ToArray();
        var flipped = repaid.Where(i => recorded[i] == 1).ToArray();
        var migrantsRepaid = repaid.Count(i => origin.Codes.Span[i] == migrant);

        Assert.All(flipped, i => Assert.Equal(migrant, origin.Codes.Span[i]));
        Assert.All(Enumerable.Range(0, recorded.Length).Where(i => truth[i] == 1), i => Assert.Equal(1, recorded[i]));

        // Binomial with about 1,450 trials: 4 standard errors are 0.05.
        Assert.InRange(flipped.Length / (double)migrantsRepaid, SyntheticLender.OverRecording - 0.05, SyntheticLender.OverRecording + 0.05);
    }

    [Fact]
    public void Subjects_OfTrainingAndEvaluation_AreDifferentPeople()
    {
        var past = ((TextColumn)Portfolio.History["application_id"]).Values;
        var later = ((TextColumn)Portfolio.Evaluation["application_id"]).Values;

        Assert.Equal(9_000, past.Concat(later).Distinct().Count());
        Assert.Equal(past, ((TextColumn)Portfolio.Reviewed["application_id"]).Values);
    }

    private static double[] Labels(DataTable table) => ((Float64Column)table["defaulted"]).Values.ToArray();
}
