using System.Reflection;
using Governance.Gateway.Watching;
using Governance.Serving.Watching;

namespace Governance.Gateway.Tests.Watching;

public sealed class AlertMessageTests
{
    [Fact]
    public void Each_monitor_says_what_it_is_about_in_words_of_its_own()
    {
        var monitors = typeof(Monitors).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).ToList();
        var messages = monitors.Select(m => AlertBook.Message(7, new MonitorReading(m, "sex=female", 0.61, 0.8))).ToList();
        Assert.Equal(12, messages.Distinct(StringComparer.Ordinal).Count());
        Assert.All(messages, m => Assert.Contains("version 7", m, StringComparison.OrdinalIgnoreCase));
        Assert.All(messages, m => Assert.Contains("0.61", m, StringComparison.Ordinal));
        Assert.All(
            new[] { Monitors.Psi, Monitors.Outside, Monitors.Impact, Monitors.TruePositives, Monitors.FalsePositives },
            m => Assert.Contains("sex=female", messages[monitors.IndexOf(m)], StringComparison.Ordinal));
    }
}
